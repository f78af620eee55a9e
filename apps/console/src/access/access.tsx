import { createContext, use, type ReactNode } from 'react';
import { Api } from '../api/request.ts';
import { breakableConnection, type BreakableConnection } from '../live/connection.ts';

/** What everything on the page asks the gateway through. */
export interface Access {
  readonly api: Api;
  /** The way of the feeds. */
  readonly connection: BreakableConnection;
  readonly signOut: () => void;
}

const AccessContext = createContext<Access | undefined>(undefined);

export function accessWith(key: string, signOut: () => void): Access {
  return { api: new Api(key), connection: breakableConnection(key), signOut };
}

export function AccessProvider({ access, children }: { access: Access; children: ReactNode }) {
  return <AccessContext value={access}>{children}</AccessContext>;
}

export function useAccess(): Access {
  const access = use(AccessContext);
  if (access === undefined) throw new Error('useAccess() was called outside of AccessProvider');
  return access;
}
