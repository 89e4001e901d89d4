/** Authorities and client certificates for one registry, in the folders where docker and podman look for them. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  homeDirectory,
  ImageDslError,
  messageOf,
  readRegular,
  systemCodeOf,
  type TlsSettings,
} from "../../../core/index.ts";

/** The first that has a folder for the registry counts (containers-certs.d(5); docker's own come last). */
export function certificateFolders(): readonly string[] {
  const home = homeDirectory();
  return [
    ...(home === undefined ? [] : [join(home, ".config/containers/certs.d")]),
    "/etc/containers/certs.d",
    ...(home === undefined ? [] : [join(home, ".config/docker/certs.d")]),
    "/etc/docker/certs.d",
  ];
}

/** `*.crt` are authorities, `*.cert` with the `*.key` of the same name is what the registry may ask for. */
export async function certificatesFor(
  registry: string,
  folders: readonly string[] = certificateFolders(),
): Promise<TlsSettings | undefined> {
  for (const parent of folders) {
    const folder = join(parent, registry);
    const names = await namesIn(folder);
    if (names !== undefined) return settingsOf(folder, names);
  }
  return undefined;
}

async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "")) return undefined;
    throw unreadable(folder, error);
  }
}

async function settingsOf(folder: string, names: readonly string[]): Promise<TlsSettings | undefined> {
  const authorities = names.filter((name) => name.endsWith(".crt"));
  const certificates = names.filter((name) => name.endsWith(".cert"));
  const keys = names.filter((name) => name.endsWith(".key"));
  const [certificate, another] = certificates;
  if (another !== undefined) {
    throw wrong(folder, `it has several client certificates: ${certificates.join(", ")}`, "Leave one of them there");
  }
  const stem = certificate?.slice(0, -".cert".length);
  const alone = stem === undefined ? keys[0] : keys.includes(`${stem}.key`) ? undefined : certificate;
  if (alone !== undefined) {
    throw wrong(
      folder,
      `"${alone}" stands alone`,
      "A client certificate is NAME.cert with its NAME.key; authorities are *.crt",
    );
  }
  const texts = await Promise.all(authorities.map((name) => readPem(join(folder, name), "CERTIFICATE")));
  return {
    ...(texts.length > 0 && { ca: texts.join("\n") }),
    ...(stem !== undefined && {
      cert: await readPem(join(folder, `${stem}.cert`), "CERTIFICATE"),
      key: await readPem(join(folder, `${stem}.key`), "PRIVATE KEY"),
    }),
  };
}

/** `what` stands at the end of the first line: `BEGIN EC PRIVATE KEY` is one too. */
async function readPem(file: string, what: string): Promise<string> {
  let text: string;
  try {
    text = (await readRegular(file, "settings.bytes")).toString("utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
  if (!new RegExp(`^-----BEGIN (?:[A-Z0-9]+ )*${what}-----\\r?$`, "m").test(text)) {
    throw wrong(
      dirname(file),
      `"${basename(file)}" is no ${what.toLowerCase()} in PEM`,
      "Write it with BEGIN and END lines",
    );
  }
  return text;
}

function unreadable(path: string, cause: unknown): ImageDslError {
  return new ImageDslError("E_CREDENTIALS", `Cannot read "${path}": ${messageOf(cause)}`, {
    place: { file: path },
    cause,
  });
}

function wrong(folder: string, what: string, hint: string): ImageDslError {
  return new ImageDslError("E_CREDENTIALS", `The certificates in "${folder}" cannot be used: ${what}`, {
    hint,
    place: { file: folder },
  });
}
