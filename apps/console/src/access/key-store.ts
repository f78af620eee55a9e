import { keyInFragment } from './key-link.ts';

const NAME = 'runcast.key';
const ANSWER_MS = 150;

/**
 * Where the API key is kept: in this tab, and while one tab is open, for every other tab of the page too. A link that is
 * opened in a new tab would otherwise ask for the key again. With the last tab it is gone, unless the user wants it to stay.
 */
export class KeyStore {
  readonly #channel = new BroadcastChannel(NAME);

  constructor() {
    this.#channel.onmessage = ({ data }: MessageEvent<{ readonly wanted?: true }>) => {
      const key = this.#kept();
      if (data.wanted && key !== undefined) this.#channel.postMessage({ key });
    };
  }

  /** The key of the address, of this tab, of this computer, or of another tab. */
  async find(): Promise<string | undefined> {
    const given = keyInFragment(location.hash);
    if (given !== undefined) {
      // Out of sight, and out of a bookmark that is made of this page.
      history.replaceState(history.state, '', location.pathname + location.search);
      this.keep(given, false);
      return given;
    }
    return this.#kept() ?? (await this.#askOtherTabs());
  }

  keep(key: string, onThisComputer: boolean): void {
    sessionStorage.setItem(NAME, key);
    if (onThisComputer) localStorage.setItem(NAME, key);
  }

  forget(): void {
    sessionStorage.removeItem(NAME);
    localStorage.removeItem(NAME);
  }

  #kept(): string | undefined {
    return sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME) ?? undefined;
  }

  #askOtherTabs(): Promise<string | undefined> {
    const asking = new BroadcastChannel(NAME);
    return new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), ANSWER_MS);
      asking.onmessage = ({ data }: MessageEvent<{ readonly key?: string }>) => {
        if (data.key === undefined) return;
        clearTimeout(timer);
        this.keep(data.key, false);
        resolve(data.key);
      };
      asking.postMessage({ wanted: true });
    }).finally(() => asking.close());
  }
}
