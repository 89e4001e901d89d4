/** The config's `remote`: which machines are to do work. */
import * as v from "valibot";
import { isRecord } from "../model/json.ts";
import type { RemoteOptions } from "../model/remote-options.ts";
import { describeIssues } from "./describe-issues.ts";
import type { Problem } from "./problem.ts";
import { recordOf } from "./record-of.ts";

const named = v.pipe(v.string(), v.nonEmpty("expected a text that is not empty"));
/** As HTTP/2 has them; names that end in `-bin` are gRPC's for bytes, and those that begin with `grpc-` are its own. */
const headerName = v.pipe(
  v.string(),
  v.regex(/^(?!grpc-)[a-z0-9_.-]+(?<!-bin)$/, "expected a header's name in small letters, such as authorization"),
);

const MOST_JOBS = 10_000;

const remoteSchema = v.strictObject({
  at: v.pipe(v.string(), v.regex(/^[a-z]+:\/\/./, 'expected a place, such as "grpcs://workers.example:443"')),
  headers: v.optional(recordOf(headerName, v.unknown())),
  tls: v.optional(
    v.pipe(
      v.strictObject({ ca: v.optional(named), cert: v.optional(named), key: v.optional(named) }),
      v.check(
        ({ cert, key }) => (cert === undefined) === (key === undefined),
        "expected cert and key, or none of both",
      ),
    ),
  ),
  platform: v.optional(recordOf(named, v.string())),
  tools: v.optional(recordOf(named, recordOf(named, v.string()))),
  jobs: v.optional(
    v.pipe(
      v.number(),
      v.check(
        (jobs) => Number.isSafeInteger(jobs) && jobs >= 1 && jobs <= MOST_JOBS,
        `expected a whole number from 1 to ${MOST_JOBS}`,
      ),
    ),
  ),
});

/** Tells problems by pushing them. */
export function readRemote(value: unknown, problems: Problem[]): RemoteOptions | undefined {
  if (value === undefined) return undefined;
  const result = remoteSchema["~standard"].validate(value);
  if ("issues" in result && result.issues) problems.push(...describeIssues(result.issues, remoteSchema, ["remote"]));
  problems.push(...headerProblems((value as { readonly headers?: unknown } | null)?.headers));
  return value as RemoteOptions;
}

/** Whoever wrote the value itself there does not want to see it in a message. */
function headerProblems(headers: unknown): readonly Problem[] {
  if (!isRecord(headers)) return [];
  const wrong = Object.entries(headers).filter(([, place]) => !isSecretPlace(place));
  const message = 'expected { env: "VARIABLE" } or { file: "PATH" }: the value itself stands in no config';
  return wrong.map(([name]) => ({ path: ["remote", "headers", name], message }));
}

function isSecretPlace(place: unknown): boolean {
  if (!isRecord(place)) return false;
  const [[key, where] = [], ...others] = Object.entries(place);
  return (key === "env" || key === "file") && typeof where === "string" && where !== "" && others.length === 0;
}
