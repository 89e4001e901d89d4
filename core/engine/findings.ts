/** What is wrong with an image, told: as warnings, or where the image is strict as one error. */
import { ImageDslError } from "../error.ts";
import type { Finding, StageContext } from "../pipeline/hooks.ts";

/** Throws `E_IMAGE_CHECK` with all of them where the image is strict. */
export function tellFindings(findings: readonly Finding[], { target, spec, emit }: StageContext): void {
  if (!spec.strict) {
    for (const { code, message, hint } of findings) {
      emit({ type: "warning", code, message: `${target}: ${message}`, hint });
    }
    return;
  }
  const [first, ...others] = findings;
  if (first === undefined) return;
  const place = { path: `images.${target}` };
  if (others.length === 0) {
    const message = `The image is strict, and something is wrong with it: ${first.message}`;
    throw new ImageDslError("E_IMAGE_CHECK", message, { hint: first.hint, place });
  }
  const lines = findings.map(({ message, hint }) => `\n  ${message}\n    (${hint})`);
  throw new ImageDslError(
    "E_IMAGE_CHECK",
    `The image is strict, and ${findings.length} things are wrong with it:${lines.join("")}`,
    { place },
  );
}
