import { Link, Outlet } from '@tanstack/react-router';
import { useAccess } from '../access/access.tsx';
import { WaitingCount } from '../inbox/inbox.tsx';
import { LinkLight } from './link-light.tsx';
import { Mark } from './mark.tsx';
import './shell.css';
import { ThemeButton } from './theme-button.tsx';

/** What stands around every page. */
export function Shell() {
  const { signOut } = useAccess();
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <Link to="/" className="brand" aria-label="Runcast, all runs">
          <Mark />
          <span>Runcast</span>
        </Link>
        <nav aria-label="Pages">
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
            Runs
          </Link>
          <Link to="/sessions">Sessions</Link>
          <Link to="/agents">Agents</Link>
          <Link to="/inbox">
            Inbox <WaitingCount />
          </Link>
        </nav>
        <div className="tools">
          <LinkLight />
          <ThemeButton />
          <button className="button quiet" onClick={signOut}>
            Forget key
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}
