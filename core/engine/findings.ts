/** What is wrong with an image, told: as warnings, or where the image or a source is strict as one error. */
import { ImageDslError } from "../error.ts";
import type { Finding } from "../pipeline/finding.ts";
import type { StageContext } from "../pipeline/hooks.ts";

/** Throws `E_IMAGE_CHECK` with all that are errors: each where the image is strict, else those that say so. */
export function tellFindings(findings: readonly Finding[], { target, spec, emit }: StageContext): void {
  const errors = findings.filter(({ isError }) => spec.strict || isError);
  for (const finding of findings) {
    const { code, message, hint } = finding;
    if (!errors.includes(finding)) emit({ type: "warning", code, message: `${target}: ${message}`, hint });
  }
  const [first, ...others] = errors;
  if (first === undefined) return;
  const place = { path: `images.${target}` };
  const who = spec.strict ? "The image is strict" : "A source of the image is strict";
  if (others.length === 0) {
    const message = `${who}, and something is wrong with it: ${first.message}`;
    throw new ImageDslError("E_IMAGE_CHECK", message, { hint: first.hint, place });
  }
  const lines = errors.map(({ message, hint }) => `\n  ${message}\n    (${hint})`);
  throw new ImageDslError("E_IMAGE_CHECK", `${who}, and ${errors.length} things are wrong with it:${lines.join("")}`, {
    place,
  });
}
