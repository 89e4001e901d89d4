/** Certificates for a daemon that is spoken to by TLS, as docker lays them out: `ca.pem`, `cert.pem` and `key.pem` in one folder. */
import { join } from "node:path";
import { ImageDslError, messageOf, readRegular, systemCodeOf, type TlsSettings } from "../../../core/index.ts";

/** Those that there are. Throws `E_CREDENTIALS` for one that cannot be read, and a certificate without its key. */
export async function certificatesIn(folder: string): Promise<TlsSettings> {
  const [ca, cert, key] = await Promise.all(["ca.pem", "cert.pem", "key.pem"].map((name) => read(join(folder, name))));
  if ((cert === undefined) !== (key === undefined)) {
    throw new ImageDslError("E_CREDENTIALS", `${folder} has only one of cert.pem and key.pem`, {
      hint: "Put both there, or neither",
    });
  }
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

async function read(file: string): Promise<string | undefined> {
  try {
    return (await readRegular(file, "settings.bytes")).toString("utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw new ImageDslError("E_CREDENTIALS", `Cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}
