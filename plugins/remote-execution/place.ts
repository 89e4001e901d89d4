/** Where workers are: `grpc://HOST:PORT[/INSTANCE]`, or `grpcs://HOST[:PORT][/INSTANCE]` with TLS. */
import { ImageDslError } from "../../core/index.ts";

const USAGE = "grpc://HOST:PORT[/INSTANCE]";
const TLS_USAGE = "grpcs://HOST[:PORT][/INSTANCE]";

export interface Place {
  /** `HOST:PORT`, for a connection and for people. */
  readonly address: string;
  /** As `URL` has it. */
  readonly host: string;
  readonly isEncrypted: boolean;
  /** Which of several systems of one server; mostly empty. */
  readonly instance: string;
}

/** Parts of resource names (remote_execution.proto, ContentAddressableStorage) that an instance's name may not have. */
const RESERVED = new Set("blobs uploads actions actionResults operations capabilities compressed-blobs".split(" "));
const DEFAULT_TLS_PORT = "443";

/** Throws `E_USAGE`. */
export function readPlace(text: string): Place {
  const url = /^grpcs?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === "") throw noPlace(text, "is no address of workers");
  if (url.username !== "" || url.password !== "") {
    throw noPlace(
      `${url.protocol}//${url.host}`,
      "holds a name or a password",
      "Credentials go into a header: remote.headers of the config",
    );
  }
  if (url.search !== "" || url.hash !== "") throw noPlace(text, "has something behind the instance's name");
  const isEncrypted = url.protocol === "grpcs:";
  const port = url.port || (isEncrypted ? DEFAULT_TLS_PORT : "");
  if (port === "" || port === "0") throw noPlace(text, "names no port");
  return {
    address: `${url.hostname}:${port}`,
    host: url.hostname,
    isEncrypted,
    instance: readInstance(url.pathname, text),
  };
}

function readInstance(pathname: string, text: string): string {
  const name = pathname.replace(/^\/|\/$/g, "");
  if (name === "") return "";
  const parts = name.split("/");
  if (name.includes("%") || parts.some((part) => part === "" || RESERVED.has(part))) {
    throw noPlace(text, "has an instance whose name cannot be one");
  }
  return name;
}

function noPlace(text: string, what: string, hint = `Write ${USAGE} or ${TLS_USAGE}`): ImageDslError {
  return new ImageDslError("E_USAGE", `"${text}" ${what}`, { hint });
}
