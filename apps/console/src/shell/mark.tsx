/** Three bars of a waterfall. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
      <path d="M1 4h6M4 8h8M9 12h6" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />
    </svg>
  );
}
