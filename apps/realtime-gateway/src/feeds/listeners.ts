/** Callbacks without arguments, called in the order in which they were added. */
export class Listeners {
  private readonly listeners = new Set<() => void>();

  add(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  call(): void {
    for (const listener of this.listeners) listener();
  }
}
