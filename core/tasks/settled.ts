/** Waiting for several things at once. */

/**
 * As `Promise.all`; but where an interrupt ended one of them, all others have ended too before it throws, so that
 * nothing of them is left when the program ends.
 */
export async function allUnlessInterrupted<Result>(
  work: readonly Promise<Result>[],
  signal: AbortSignal,
): Promise<Result[]> {
  try {
    return await Promise.all(work);
  } catch (error) {
    if (signal.aborted) await Promise.allSettled(work);
    throw error;
  }
}
