/** Errors of the build that come of one part of the config say which: `images.svc.contents[1]`, with file and line. */
import { ImageDslError, withDetails } from "../error.ts";
import type { StageContext } from "../pipeline/hooks.ts";
import { configPlace } from "../source-place.ts";

/** These are of the host, whatever is being built. */
const OF_NO_PART = ["E_ABORTED", "E_NO_SPACE", "E_STORE"];

/** `part`: a source, a base or a script, as the check of the config remembered it. */
export async function ofPart<Result>(
  part: object,
  context: Pick<StageContext, "target" | "config">,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ImageDslError) || OF_NO_PART.includes(error.code)) throw error;
    throw placed(error, part, context);
  }
}

function placed(error: ImageDslError, part: object, context: Pick<StageContext, "target" | "config">): ImageDslError {
  const { file, line, path: known } = error.place ?? {};
  const place = configPlace(part, context.target);
  if (known !== undefined || place.path === undefined) return error;
  // A line is nearer than the call: in the config's own functions, or in a file that is read by lines.
  if (line !== undefined) return withDetails(error, { place: { ...error.place, path: place.path } });
  const { config } = context;
  const details = { place: { ...(config !== undefined && { file: config.file }), ...place } };
  // An archive, say.
  const message = file === undefined || error.message.includes(file) ? error.message : `${file}: ${error.message}`;
  return withDetails(error, details, message);
}
