/** What debootstrap installs before apt has a say, and in which order. */
import { configureQueue } from "./dpkg-queue.ts";
import { inHashOrder } from "./hash-order.ts";
import type { Subject } from "./subject.ts";

/** Installed one by one at the start, whatever they need. */
export const BOOTSTRAP_CORE = ["base-passwd", "base-files", "dpkg", "libc6", "libc6.1", "perl-base", "mawk"];

/** `roots` with all that they need: of alternatives the first that is there. */
export function minimalSet(roots: readonly Subject[]): ReadonlySet<Subject> {
  const found = new Set(roots);
  for (const { needs } of found) {
    for (const { alternatives } of needs) {
      const target = alternatives.find(({ targets }) => targets.length > 0)?.targets[0];
      if (target !== undefined) found.add(target);
    }
  }
  return found;
}

/** debootstrap unpacks the core once more with the rest, so the rest waits for it again. */
export function bootstrapOrder(minimal: ReadonlySet<Subject>): readonly Subject[] {
  const core = BOOTSTRAP_CORE.flatMap((name) => [...minimal].filter((each) => each.name === name));
  const rest = configureQueue(inHashOrder([...minimal]), new Set());
  return [...new Set([...core, ...rest])];
}
