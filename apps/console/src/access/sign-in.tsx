import { useState, type FormEvent } from 'react';
import { Api, RefusedError } from '../api/request.ts';
import { Mark } from '../shell/mark.tsx';
import './sign-in.css';

/** Asks for an API key, and takes it once the gateway does. */
export function SignIn({ onKey }: { onKey: (key: string, onThisComputer: boolean) => void }) {
  const [problem, setProblem] = useState('');
  const [isChecking, setChecking] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const key = (form.get('key') as string).trim();
    setChecking(true);
    setProblem('');
    const refused = await refusalOf(key);
    setChecking(false);
    if (refused === undefined) onKey(key, form.get('stay') === 'on');
    else setProblem(refused);
  }

  return (
    <main className="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>
          <Mark /> Runcast
        </h1>
        <p className="soft">Runs of this installation are shown to who holds an API key with the scope “read”.</p>
        <label htmlFor="key">API key</label>
        <input id="key" name="key" className="field mono" type="password" autoComplete="off" required autoFocus />
        <label className="stay">
          <input type="checkbox" name="stay" /> Keep it on this computer
        </label>
        <p role="alert" className="problem">
          {problem}
        </p>
        <button className="button primary" disabled={isChecking}>
          {isChecking ? 'Checking …' : 'Open the console'}
        </button>
        <p className="faint">
          After <code>npm start</code>, open the console by the link it printed, or paste what{' '}
          <code>cat .runcast/demo-key</code> says.
        </p>
      </form>
    </main>
  );
}

/** Why the key does not open the console; `undefined` when it does. */
async function refusalOf(key: string): Promise<string | undefined> {
  try {
    await new Api(key).json('/v1/runs?limit=1');
    return undefined;
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    return 'The gateway does not answer. Is Runcast running?';
  }
}
