/** Ctrl-C: the first one asks the build to stop and clean up, the second one ends the process at once. */

export interface Interruption {
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** `told` is called once, at the first signal. */
export function listenForInterrupt(told: () => void): Interruption {
  const controller = new AbortController();
  const handlers = SIGNALS.map((name) => {
    const handler = (): void => {
      if (controller.signal.aborted) {
        // By the signal itself, so that whoever waits for us sees what ended us, even in the middle of a blocked write.
        dispose();
        process.kill(process.pid, name);
        return;
      }
      told();
      controller.abort();
    };
    process.on(name, handler);
    return { name, handler };
  });
  const dispose = (): void => {
    for (const { name, handler } of handlers) process.off(name, handler);
  };
  return { signal: controller.signal, dispose };
}
