/** What a server may want to know us by: headers and certificates, from where the config says that they are. */
import { resolve } from "node:path";
import {
  ImageDslError,
  environment,
  isInnerHost,
  messageOf,
  readRegular,
  type RemoteOptions,
  type SecretPlace,
} from "../../core/index.ts";
import type { Credentials } from "./grpc/connection.ts";
import type { Place } from "./place.ts";

/** Of a file with a token, a certificate or a key. */
const MOST_BYTES = 64 * 1024;

/** Relative files are in `directory`. Throws `E_CREDENTIALS`. */
export async function readCredentials(
  { host, isEncrypted, address }: Place,
  { headers = {}, tls = {} }: Pick<RemoteOptions, "headers" | "tls">,
  { directory, insecureHosts }: { readonly directory: string; readonly insecureHosts: readonly string[] },
): Promise<Credentials> {
  const names = Object.keys(headers);
  const mayListen = !isEncrypted && !isInnerHost(host) && ![host, address].some((each) => insecureHosts.includes(each));
  if (names.length > 0 && mayListen) {
    throw new ImageDslError("E_CREDENTIALS", `The header ${names[0]} would go to ${address} without encryption`, {
      hint: `Write grpcs://, or allow it with --insecure ${host}`,
    });
  }
  const read = async (file: string, what: string) => readSecretFile(resolve(directory, file), what);
  const values = await Promise.all(
    Object.entries(headers).map(async ([name, place]) => [name, await readHeader(name, place, read)] as const),
  );
  const [ca, cert, key] = await Promise.all(
    (["ca", "cert", "key"] as const).map(async (each) => {
      const file = tls[each];
      return file === undefined ? undefined : await read(file, TLS_FILES[each]);
    }),
  );
  return {
    headers: Object.fromEntries(values),
    tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
  };
}

const TLS_FILES = { ca: "the authorities' certificates", cert: "the certificate", key: "the private key" };

async function readHeader(
  name: string,
  place: SecretPlace,
  read: (file: string, what: string) => Promise<Buffer>,
): Promise<string> {
  const [value, from] =
    "env" in place
      ? [environment()[place.env]?.trim(), `the variable ${place.env}`]
      : [(await read(place.file, `the header ${name}`)).toString().trim(), place.file];
  if (value && /^[\x20-\x7e]+$/.test(value)) return value;
  throw new ImageDslError(
    "E_CREDENTIALS",
    `The header ${name} has no value: ${from} ${value ? "holds none" : "is empty"}`,
    {
      hint: "A value is one line of ASCII characters",
    },
  );
}

async function readSecretFile(file: string, what: string): Promise<Buffer> {
  try {
    return Buffer.from(await readRegular(file, MOST_BYTES));
  } catch (cause) {
    throw new ImageDslError("E_CREDENTIALS", `Cannot read ${what} from ${file}: ${messageOf(cause)}`, {
      cause,
      hint: "See remote.headers and remote.tls of the config",
    });
  }
}
