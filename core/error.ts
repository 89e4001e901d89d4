/** The one error class users meet. Programmers' errors stay plain `Error`. */
import type { ErrorCode } from "./error-codes.ts";
import { redactText } from "./redact.ts";

/** Where in the user's world a problem sits: a file with a line, or a path inside the config. */
export interface ErrorPlace {
  /** Its path. */
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Counted from 1. */
  readonly column?: number;
  /** The line itself. */
  readonly lineText?: string;
  /** A path in the config, such as `images.redis.config.Cmd`. */
  readonly path?: string;
}

/** What an error says besides its message. */
export interface ErrorDetails {
  /** What the user can do about it: one sentence. */
  readonly hint?: string | undefined;
  /** A file of the user's with a line, or a path in the config, such as `images.redis.config.Cmd`. */
  readonly place?: ErrorPlace | undefined;
  /** What was caught and led to this error; its stack is shown with `--verbose`. */
  readonly cause?: unknown;
}

const EXIT_2 =
  /^E_(USAGE|CONFIG_|TARGET_UNKNOWN|LOCK_(FROZEN|INVALID)|OUTPUT_INVALID|PLATFORM_INVALID|PLUGIN_INVALID|REFERENCE|SHARED_CACHE_KEY)/;

/** Whatever its texts quote, they hold no password of an address: programs log them, and the command line shows them. */
export class ImageDslError extends Error {
  /** Stable, for scripts and `catch`; docs/errors.md lists them. */
  readonly code: ErrorCode;
  /** The mend, one sentence; undefined where nothing can be advised. */
  readonly hint: string | undefined;
  /** Where the user has to look; undefined where no place in files or the config is to blame. */
  readonly place: ErrorPlace | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(redactText(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ImageDslError";
    this.code = code;
    this.hint = details.hint && redactText(details.hint);
    this.place = details.place && withoutSecrets(details.place);
  }

  /** 2 where the config or the command line is wrong, 130 after an interrupt, else 1. */
  get exitStatus(): number {
    if (this.code === "E_ABORTED") return 130;
    return EXIT_2.test(this.code) ? 2 : 1;
  }
}

function withoutSecrets({ file, lineText, ...place }: ErrorPlace): ErrorPlace {
  return {
    ...(file !== undefined && { file: redactText(file) }),
    ...place,
    ...(lineText !== undefined && { lineText: redactText(lineText) }),
  };
}

/** Errors of `work` that have no place say that it is `file`, as the user knows it: a reader of formats is not told. */
export async function placedIn<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ImageDslError) || error.place !== undefined || error.code === "E_ABORTED") throw error;
    throw withDetails(error, { place: { file } });
  }
}

/** The same error, of which some details are others. */
export function withDetails(error: ImageDslError, details: ErrorDetails, message = error.message): ImageDslError {
  const { code, hint, place, cause, stack } = error;
  return Object.assign(new ImageDslError(code, message, { hint, place, cause, ...details }), { stack });
}

/** The text of any thrown value, for messages. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The system's error code (`ENOENT`, …) of a thrown value, when it has one. */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
