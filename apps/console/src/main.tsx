import { StrictMode, useEffect, useMemo, useState } from 'react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { AccessProvider, accessWith } from './access/access.tsx';
import { KeyStore } from './access/key-store.ts';
import { SignIn } from './access/sign-in.tsx';
import { RefusedError } from './api/request.ts';
import { LinkProvider } from './live/link.tsx';
import { router } from './routes.tsx';
import { SharedLinkFailure, SharedRun } from './shared/shared-run.tsx';
import { findSharedView, type FoundView } from './shared/shared-view.ts';
import { applyChosenTheme } from './shell/theme.ts';
import './style/tokens.css';
import './style/base.css';

const keys = new KeyStore();

/** What the gateway has refused it will refuse again. */
const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (failures, error) => !(error instanceof RefusedError) && failures < 3, staleTime: 1_000 },
  },
});

function Console({ found }: { found: string | undefined }) {
  const [key, setKey] = useState(found);
  const access = useMemo(
    () =>
      key === undefined
        ? undefined
        : accessWith(key, () => {
            keys.forget();
            queries.clear();
            setKey(undefined);
          }),
    [key],
  );
  useEffect(() => {
    if (access === undefined) return;
    // A key that has been revoked meanwhile: whatever page shows it, only another key helps.
    return queries.getQueryCache().subscribe(({ query }) => {
      const error: unknown = query.state.error;
      if (error instanceof RefusedError && error.isAboutTheKey) access.signOut();
    });
  }, [access]);
  if (access === undefined) {
    return (
      <SignIn
        onKey={(given, onThisComputer) => {
          keys.keep(given, onThisComputer);
          setKey(given);
        }}
      />
    );
  }
  return (
    <AccessProvider access={access}>
      <QueryClientProvider client={queries}>
        <LinkProvider>
          <RouterProvider router={router} />
        </LinkProvider>
      </QueryClientProvider>
    </AccessProvider>
  );
}

/** The page of a link that somebody was sent: needs no key, and keeps out of the way of one that this browser holds. */
function Shared({ found }: { found: FoundView }) {
  const view = typeof found === 'object' ? found.view : '';
  const access = useMemo(() => accessWith(view, () => undefined), [view]);
  if (typeof found === 'string') return <SharedLinkFailure why={found} />;
  return (
    <AccessProvider access={access}>
      <SharedRun run={found.run} until={found.until} />
    </AccessProvider>
  );
}

applyChosenTheme();
const shared = await findSharedView();
const found = shared === undefined ? await keys.find() : undefined;
createRoot(document.getElementById('console')!).render(
  <StrictMode>{shared === undefined ? <Console found={found} /> : <Shared found={shared} />}</StrictMode>,
);
