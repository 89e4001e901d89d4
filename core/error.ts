/**
 * The one error class users meet. Codes are stable: scripts may test for them.
 * Programmers' errors stay plain `Error`.
 */
import { redactText } from "./redact.ts";

/** Every code image-dsl itself raises, by room. Plugins outside the package use `E_PLUGIN_…`. */
export type BuiltinErrorCode =
  // The command line or the config is wrong: exit status 2.
  | "E_USAGE"
  | "E_CONFIG_NOT_FOUND"
  | "E_CONFIG_LOAD"
  | "E_CONFIG_INVALID"
  | "E_CONFIG_IMPORT"
  | "E_TARGET_UNKNOWN"
  | "E_LOCK_FROZEN"
  | "E_LOCK_INVALID"
  | "E_LOCK_WRITE"
  | "E_OUTPUT_INVALID"
  | "E_PLATFORM_INVALID"
  | "E_PLUGIN_INVALID"
  | "E_REFERENCE"
  // The build failed: exit status 1.
  | "E_ABORTED"
  | "E_TARGETS_FAILED"
  | "E_INTERNAL"
  | "E_HOOK"
  | "E_PATH_INVALID"
  | "E_TREE_INVALID"
  | "E_TREE_COLLISION"
  | "E_TREE_LINK_LOOP"
  | "E_CONTENT_CHANGED"
  | "E_CONTENT_UNREADABLE"
  | "E_TAR_INVALID"
  | "E_TAR_LIMIT"
  | "E_ARCHIVE_FORMAT"
  | "E_COMPRESSION"
  | "E_CLOSURE_INVALID"
  | "E_LAYERS"
  | "E_IMAGE_INVALID"
  | "E_IMAGE_CHECK"
  | "E_BASE_IMAGE"
  | "E_OUTPUT"
  | "E_STORE"
  | "E_NO_SPACE"
  | "E_NETWORK"
  | "E_REGISTRY"
  | "E_REGISTRY_AUTH"
  | "E_CREDENTIALS"
  | "E_DAEMON"
  | "E_HASH_MISMATCH"
  | "E_SCRIPT_DIFFERS"
  | "E_SCRIPT_FAILED"
  | "E_SCRIPT_ESCAPED"
  | "E_TOOL_MISSING"
  | "E_RUNNER_UNSUPPORTED"
  | "E_VM"
  | "E_VM_KERNEL"
  | "E_NAMESPACE"
  | "E_NEEDS_VM"
  | "E_ACCOUNT"
  | "E_SANDBOX"
  | "E_FILES"
  | "E_PASSWD_INVALID"
  | "E_ELF_INVALID"
  | "E_ELF_NOT_FOUND"
  | "E_ELF_ARCHITECTURE"
  | "E_DEBIAN_SOURCES"
  | "E_DEBIAN_SUITE"
  | "E_DEBIAN_KEYRING"
  | "E_DEBIAN_SIGNATURE"
  | "E_DEBIAN_METADATA"
  | "E_DEBIAN_PACKAGE_UNKNOWN"
  | "E_DEBIAN_UNSATISFIABLE"
  | "E_DEBIAN_CONFLICT"
  | "E_DEBIAN_PACKAGE"
  | "E_DEBIAN_POOL_GONE"
  | "E_DEBIAN_SCRIPTS"
  | "E_DEBIAN_CONFIGURE"
  | "E_DEBIAN_DEBCONF"
  | "E_NIX_BUILD"
  | "E_NIX_PATH"
  | "E_NIX_STORE"
  | "E_NIX_DATABASE"
  | "E_NIX_SHELL";

export type ErrorCode = BuiltinErrorCode | `E_PLUGIN_${string}`;

/** Where in the user's world a problem sits: a file with a line, or a path inside the config. */
export interface ErrorPlace {
  readonly file?: string;
  /** Counted from 1, as columns are. */
  readonly line?: number;
  readonly column?: number;
  /** The line itself. */
  readonly lineText?: string;
  /** A path in the config, such as `images.redis.config.Cmd`. */
  readonly path?: string;
}

export interface ErrorDetails {
  /** What the user can do about it: one sentence. */
  readonly hint?: string | undefined;
  readonly place?: ErrorPlace | undefined;
  readonly cause?: unknown;
}

const EXIT_2 =
  /^E_(USAGE|CONFIG_|TARGET_UNKNOWN|LOCK_(FROZEN|INVALID)|OUTPUT_INVALID|PLATFORM_INVALID|PLUGIN_INVALID|REFERENCE)/;

/** Whatever its texts quote, they hold no password of an address: programs log them, and the command line shows them. */
export class ImageDslError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
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
