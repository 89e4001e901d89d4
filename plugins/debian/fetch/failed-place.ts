/** A place that failed, where another one answered: told, as the answer may be older, and the next build may need it. */
import { ImageDslError, messageOf, type BuildContext } from "../../../core/index.ts";

export function warnOfFailedPlace(failure: unknown, { emit }: Pick<BuildContext, "emit">): void {
  const known = failure instanceof ImageDslError ? failure : undefined;
  emit({
    type: "warning",
    code: known?.code ?? "E_NETWORK",
    message: `${messageOf(failure)}; another place was taken`,
    ...(known?.hint !== undefined && { hint: known.hint }),
  });
}
