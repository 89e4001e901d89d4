/** A manifest that a registry has not (404): what was asked for, how it came to that, and what to do. */
import { referenceText, type RegistryReference } from "./reference.ts";
import { RegistryRefusal } from "./refusal.ts";

export interface Wanted {
  readonly reference: RegistryReference;
  /** As somebody wrote it. */
  readonly given: string;
  /** The digest that was asked for is from the lock. */
  readonly isPinned: boolean;
}

/** Errors of `work` that say no more than 404 say what to do about it. */
export async function explained<Result>(wanted: Wanted, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RegistryRefusal) || error.refused.status !== 404) throw error;
    const { code, message, refused } = error;
    throw new RegistryRefusal(code, message, { hint: mendOf(wanted, refused.codes) }, refused);
  }
}

function mendOf({ reference, given, isPinned }: Wanted, codes: readonly string[]): string {
  const { registry, repository, tag, digest } = reference;
  if (codes.includes("NAME_UNKNOWN")) {
    return `"${given}" means the repository "${repository}" at ${registry}, which has none of that name: see how it is written`;
  }
  if (isPinned) {
    return `The digest that the lock has for it is gone from there: --update-lock ${referenceText(reference)} takes what the tag means now`;
  }
  if (digest !== undefined) {
    return `Nothing there has this digest, or not any more: image-dsl prefetch ${registry}/${repository}:${tag ?? "TAG"} tells what a tag means now`;
  }
  if (!given.endsWith(`:${tag}`))
    return `It names no tag, so "${tag}" was asked for: write ${registry}/${repository}:TAG`;
  return `See whether the tag "${tag}" and the name "${repository}" are written as in ${registry}`;
}
