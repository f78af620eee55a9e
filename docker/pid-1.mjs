// Loaded before every program in a container. The kernel ignores a signal that process 1 has no handler for: without
// this one, a tool that does nothing about signals could only be killed, after the whole grace period.
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 };

for (const [signal, exitCode] of Object.entries(EXIT_CODES)) {
  process.on(signal, () => {
    // A program with a handler of its own drains, and ends when it is done.
    if (process.listenerCount(signal) === 1) process.exit(exitCode);
  });
}
