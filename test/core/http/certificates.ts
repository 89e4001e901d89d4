/** An authority of the tests' own, a server's certificate for localhost and 127.0.0.1, and a client's. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireTool, tmp } from "../../harness.ts";

/** Paths of files in PEM. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

let made: Certificates | undefined;

/** Made once for a test file. */
export function certificates(): Certificates {
  return (made ??= make());
}

export function pem(file: string): string {
  return readFileSync(file, "utf8");
}

function make(): Certificates {
  const folder = tmp();
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync(requireTool("openssl"), args, { stdio: "ignore" });
  const key = (name: string) => [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-keyout",
    path(name),
  ];
  openssl("req", "-x509", ...key("ca.key"), "-days", "2", "-subj", "/CN=tests authority", "-out", path("ca.crt"));
  const sign = (name: string, subject: string, extensions: string) => {
    writeFileSync(path(`${name}.ext`), extensions);
    openssl("req", ...key(`${name}.key`), "-subj", subject, "-out", path(`${name}.csr`));
    const request = ["-in", path(`${name}.csr`), "-out", path(`${name}.crt`), "-extfile", path(`${name}.ext`)];
    const authority = ["-CA", path("ca.crt"), "-CAkey", path("ca.key"), "-CAcreateserial"];
    openssl("x509", "-req", "-days", "2", ...request, ...authority);
  };
  sign("server", "/CN=localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  sign("client", "/CN=client", "extendedKeyUsage=clientAuth\n");
  return {
    ca: path("ca.crt"),
    cert: path("server.crt"),
    key: path("server.key"),
    clientCert: path("client.crt"),
    clientKey: path("client.key"),
  };
}
