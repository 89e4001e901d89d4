/** Requests to a Docker daemon (Engine API, in whatever version the daemon speaks best). */
import {
  ImageDslError,
  httpRequest,
  isRecord,
  isWithin,
  messageOf,
  type HttpMethod,
  type HttpResponse,
  type HttpStream,
  type LimitName,
  type Most,
} from "../../../core/index.ts";
import { connectDocker } from "./connection.ts";
import type { DockerEndpoint } from "./endpoint.ts";

export interface DockerClient {
  /** As the endpoint is written. */
  readonly text: string;
  /** The answer's JSON; undefined for a 404. Throws `E_DAEMON` for other answers that are errors, and where there is none. */
  ask(path: string, method?: HttpMethod): Promise<unknown>;
  /** Sends a stream and gives the answer, whose body has yet to be read. Throws as `ask` does. */
  send(path: string, body: HttpStream, contentType: string): Promise<HttpResponse>;
  /** What a GET gives, as it comes. Throws as `ask` does. */
  receive(path: string): Promise<AsyncIterable<Uint8Array>>;
  /** What went wrong on the way, in words. */
  failure(error: unknown): unknown;
}

const MAX_REFUSAL = 64 * 1024;
/** An answer is waited for as long as a disk may need that writes gigabytes. */
const LOAD_SILENCE = 10 * 60_000;
const ASK_SILENCE = 30_000;
const ONCE = { attempts: 1, delay: 0 };

/** Connects, works, and leaves nothing behind. */
export async function withDocker<Result>(
  endpoint: DockerEndpoint,
  signal: AbortSignal,
  work: (client: DockerClient) => Promise<Result>,
): Promise<Result> {
  const connection = await connectDocker(endpoint);
  const { text } = endpoint;

  function failure(error: unknown): unknown {
    if (!(error instanceof ImageDslError) || error.code !== "E_NETWORK") return error;
    const words = connection.lastWords();
    const reason = error.message.replace(/^Cannot fetch \S+: /, "");
    const message = `Cannot speak to the Docker daemon at ${text}: ${words === undefined ? reason : `${reason}; ssh says: ${words}`}`;
    return new ImageDslError("E_DAEMON", message, { hint: hintFor(endpoint), cause: error.cause });
  }

  async function request(
    path: string,
    method: HttpMethod,
    { body, contentType, silence, maxBytes }: RequestParts,
  ): Promise<HttpResponse> {
    try {
      return await httpRequest(`${connection.origin}${path}`, {
        ...connection.options,
        signal,
        method,
        maxBytes,
        silence,
        retry: ONCE,
        redirects: "none",
        // A daemon works in silence for as long as it takes.
        leastSpeed: { bytesPerSecond: 0, over: silence },
        ...(contentType !== undefined && { headers: { "content-type": contentType } }),
        ...(body && { body }),
      });
    } catch (error) {
      throw failure(error);
    }
  }

  const client: DockerClient = {
    text,
    failure,
    async ask(path, method = "GET") {
      const response = await request(path, method, { silence: ASK_SILENCE, maxBytes: "daemon.answer" });
      if (response.status === 404) {
        response.discard();
        return undefined;
      }
      if (response.status >= 300) throw await refusal(response, `${method} ${path}`, endpoint);
      const answer = await textOf(response, "daemon.answer").catch((error: unknown) => {
        throw failure(error);
      });
      return response.status === 200 ? parsed(answer, path) : undefined;
    },
    async send(path, body, contentType) {
      const parts = { body, contentType, silence: LOAD_SILENCE, maxBytes: "daemon.answer" as const };
      const response = await request(path, "POST", parts);
      if (response.status >= 300) throw await refusal(response, `POST ${path}`, endpoint);
      return response;
    },
    async receive(path) {
      const response = await request(path, "GET", { silence: LOAD_SILENCE, maxBytes: "tar.bytes" });
      if (response.status >= 300) throw await refusal(response, `GET ${path}`, endpoint);
      return told(response.body);
    },
  };

  async function* told(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* body;
    } catch (error) {
      throw failure(error);
    }
  }

  try {
    return await work(client);
  } finally {
    await connection.close();
  }
}

interface RequestParts {
  readonly silence: number;
  readonly maxBytes: LimitName;
  readonly body?: HttpStream;
  readonly contentType?: string;
}

async function refusal(response: HttpResponse, what: string, { way }: DockerEndpoint): Promise<ImageDslError> {
  const said = wordsIn(await textOf(response, MAX_REFUSAL).catch(() => ""));
  const words = said === "" ? "" : `: ${said}`;
  const isPlain = way.kind === "tcp" && way.tls === undefined && response.status === 400;
  return new ImageDslError(
    "E_DAEMON",
    `The Docker daemon refuses ${what} with status ${response.status}${words}`,
    isPlain
      ? { hint: "If it wants TLS, set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to where its certificates are" }
      : {},
  );
}

function wordsIn(answer: string): string {
  try {
    const json: unknown = JSON.parse(answer);
    return isRecord(json) && typeof json["message"] === "string" ? json["message"] : answer;
  } catch {
    // As of whoever stands before it.
    return answer.trim();
  }
}

/** No more than `most` bytes. */
async function textOf(response: HttpResponse, most: Most): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body) {
    if (!isWithin(most, (size += piece.length))) {
      response.discard();
      break;
    }
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces).toString("utf8");
}

function parsed(answer: string, path: string): unknown {
  try {
    return JSON.parse(answer);
  } catch (error) {
    // The plain word with which a daemon answers that it is there.
    if (answer.trim() === "OK") return answer.trim();
    const details = { cause: error, hint: "See whether it is a Docker daemon that listens there" };
    throw new ImageDslError("E_DAEMON", `The Docker daemon answers ${path} with no JSON: ${messageOf(error)}`, details);
  }
}

function hintFor({ way, saidBy }: DockerEndpoint): string {
  const who = saidBy === undefined ? "" : `; ${saidBy} says that it is there`;
  if (way.kind === "ssh") return `See whether ssh gets there, and docker runs at the other end${who}`;
  if (way.kind === "socket")
    return `See whether the daemon runs, and whether you may use its socket (group docker)${who}`;
  if (way.tls === undefined) return `See whether the daemon runs and listens there${who}`;
  return `See whether the daemon runs, and whether ca.pem, cert.pem and key.pem are this daemon's${who}`;
}
