/** Why a call failed, in gRPC's own terms; and which of these may pass. */

/** gRPC's status codes, as far as they make a difference here. */
export const CODE = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** What the other side said, or what the connection came to. */
export class CallFailure extends Error {
  readonly code: number;

  /** `message`: the server's words, which may be anything. */
  constructor(code: number, message: string) {
    super(message);
    this.name = "CallFailure";
    this.code = code;
  }
}

/** A server or worker that is lost, or about to be: another try may find another one. A deadline is none of these: it was long enough. */
export function mayPass(failure: unknown): failure is CallFailure {
  return failure instanceof CallFailure && PASSING.has(failure.code);
}

/** Servers that are killed answer with the first three, and casd with the fourth where its runner was. */
const PASSING = new Set<number>([CODE.unavailable, CODE.cancelled, CODE.aborted, CODE.internal, CODE.unknown]);

export function hasCode(failure: unknown, ...codes: readonly number[]): failure is CallFailure {
  return failure instanceof CallFailure && codes.includes(failure.code);
}

/** The code by its name, for people. */
export function codeName(code: number): string {
  const name = Object.entries(CODE).find(([, number]) => number === code)?.[0];
  return name === undefined ? `status ${code}` : name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
