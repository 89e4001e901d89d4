/** What went wrong at one of the places where an archive may be. */
import { ImageDslError, messageOf, nearest, redactUrl, withDetails, type BuildContext } from "../../../core/index.ts";
import type { ArchivePlace } from "./locate.ts";

/** Who named a place, where that is known. */
export type NamedPlace = Pick<ArchivePlace, "namedBy" | "origin">;

/** Told where another place answered, as that answer may be older, and the next build may need this one. */
export function warnOfFailedPlace(failure: unknown, { emit }: Pick<BuildContext, "emit">): void {
  const known = failure instanceof ImageDslError ? failure : undefined;
  emit({
    type: "warning",
    code: known?.code ?? "E_NETWORK",
    message: `${messageOf(failure)}; another place was taken`,
    ...(known?.hint !== undefined && { hint: known.hint }),
  });
}

/** Does what is to be done at a place; what goes wrong says where its address is from, since that is where to mend it. */
export async function at<Result>(
  { namedBy, origin }: Partial<NamedPlace>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ImageDslError) || error.code === "E_ABORTED" || namedBy === undefined) throw error;
    const { code, message } = error;
    const mirror = "set mirror: in debian({ … }) to an archive that this host reaches";
    const hint =
      origin === "default" && code === "E_NETWORK" ? `${error.hint ?? "Check the network"}; or ${mirror}` : error.hint;
    throw withDetails(error, { hint }, `${message} (address from ${namedBy})`);
  }
}

/** No place has the suite; of those that failed nobody knows. */
export function notThere(
  suite: string,
  places: readonly ArchivePlace[],
  failures: readonly unknown[] = [],
): ImageDslError {
  const where = places.map(({ uri, namedBy }) => `${redactUrl(uri)} (address from ${namedBy})`).join(", nor at ");
  const unknown = failures.map((failure) => `; ${messageOf(failure)}`).join("");
  const near = RELEASES.includes(suite) ? undefined : nearest(suite, RELEASES);
  return new ImageDslError("E_DEBIAN_SUITE", `There is no suite "${suite}" at ${where}${unknown}`, {
    hint:
      near === undefined
        ? "Check suite: in debian({ … }), or set mirror: to an archive that has it"
        : `Did you mean suite: "${near}"?`,
  });
}

/** Debian's, for who mistyped one: it decides nothing. */
const RELEASES = "bullseye bookworm trixie forky sid oldstable stable testing unstable experimental".split(" ");
