import { useTheme } from './theme.ts';

export function ThemeButton() {
  const { theme, toggle } = useTheme();
  return (
    <button
      className="button quiet"
      onClick={toggle}
      aria-label={`Switch to ${theme === 'dark' ? 'light' : 'dark'} colours`}
    >
      <span aria-hidden="true">{theme === 'dark' ? '☀' : '☾'}</span>
    </button>
  );
}
