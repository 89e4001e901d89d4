/** The time that a script may take. */
export interface Deadline {
  /** Once it is over. */
  readonly passed: Promise<"late">;
  cancel(): void;
}

/** Never without `seconds`: who knows how long a script takes is its author. */
export function deadline(seconds: number | undefined): Deadline {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<"late">((resolve) => {
    if (seconds !== undefined) timer = setTimeout(resolve, seconds * 1000, "late");
  });
  return { passed, cancel: () => clearTimeout(timer) };
}
