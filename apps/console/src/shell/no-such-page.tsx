import { Link } from '@tanstack/react-router';
import { Notice } from './notice.tsx';

export function NoSuchPage() {
  return (
    <Notice title="There is no such page">
      <Link to="/" className="button">
        All runs
      </Link>
    </Notice>
  );
}
