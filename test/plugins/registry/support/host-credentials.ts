/** A host of its own for a test: a home folder, its files of docker and podman, and helper programs. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { tmp } from "../../../harness.ts";

export interface TestHost {
  readonly home: string;
  /** Writes a file below the home folder: a text, or what becomes JSON. */
  write(path: string, content: unknown): string;
  /** A program on PATH. `body` is for sh. */
  program(name: string, body: string): void;
}

const VARIABLES =
  "HOME PATH DOCKER_CONFIG DOCKER_HOST DOCKER_CONTEXT DOCKER_CERT_PATH DOCKER_TLS DOCKER_TLS_VERIFY REGISTRY_AUTH_FILE CONTAINERS_REGISTRIES_CONF XDG_RUNTIME_DIR XDG_CONFIG_HOME http_proxy https_proxy all_proxy no_proxy"
    .split(" ")
    .flatMap((name) => [name, name.toUpperCase()]);

/** While `work` runs, no variable of the real host that matters is set, but `variables`, in which `~` is the home folder. */
export async function onTestHost<Result>(
  work: (host: TestHost) => Promise<Result>,
  variables: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const before = VARIABLES.map((name) => [name, process.env[name]] as const);
  const home = tmp();
  const bin = join(home, "bin");
  mkdirSync(bin);
  for (const [name] of before) delete process.env[name];
  process.env["HOME"] = home;
  process.env["PATH"] = `${bin}${delimiter}/usr/bin${delimiter}/bin`;
  for (const [name, value] of Object.entries(variables)) process.env[name] = value.replace("~", home);
  try {
    return await work({
      home,
      write(path, content) {
        const file = join(home, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
        return file;
      },
      program(name, body) {
        writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
        chmodSync(join(bin, name), 0o755);
      },
    });
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** The `auth` of an entry. */
export function authOf(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString("base64");
}
