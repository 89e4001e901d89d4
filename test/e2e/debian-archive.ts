/** A small Debian archive on the disk, made and signed by Debian's own tools, that a test can renew and tamper with. */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { requireTool } from "../harness.ts";
import { must, openFolder, run } from "./support.ts";

export interface TestPackage {
  readonly name: string;
  readonly version?: string;
  /** Default `all`. */
  readonly architecture?: string;
  /** More fields of its control file. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Beside the file `usr/share/NAME/version`, which every package has. Those in `DEBIAN/` are control files. */
  readonly files?: Readonly<Record<string, string>>;
  readonly postinst?: string;
}

export interface TestArchive {
  readonly directory: string;
  /** For `mirror:`. */
  readonly uri: string;
  /** For `keyring:`. */
  readonly keyring: string;
  /** Adds packages; versions that are there stay. */
  publish(packages: readonly TestPackage[]): void;
  /** Indexes and signs what lies in the directory now. */
  sign(): void;
  /** Where a package's .deb lies. */
  deb(name: string, version?: string): string;
  /** While `work` runs there is no archive. */
  away<T>(work: () => T): T;
  dispose(): void;
}

export const SUITE = "test";
const ARCHITECTURES = ["amd64", "arm64"];

/** The archive has base-passwd, as every suite has: the skeleton's users come from it. */
export function openArchive(packages: readonly TestPackage[]): TestArchive {
  requireTool("dpkg-deb", "dpkg-scanpackages", "apt-ftparchive", "gpg");
  const folder = openFolder("archive");
  const directory = join(folder.path, "archive");
  const gpgHome = join(folder.path, "gpg");
  const keyring = join(folder.path, "key.asc");
  mkdirSync(gpgHome, { mode: 0o700 });
  const gpg = (...args: string[]) => must(["gpg", "--homedir", gpgHome, "--batch", "--quiet", ...args], { cwd: "/" });
  gpg("--passphrase", "", "--quick-generate-key", "Test archive <archive@test.example>", "rsa2048", "sign", "never");
  gpg("--armor", "--output", keyring, "--export");

  const sign = (): void => {
    const dist = join(directory, "dists", SUITE);
    for (const architecture of ARCHITECTURES) {
      const index = join(dist, "main", `binary-${architecture}`, "Packages");
      mkdirSync(dirname(index), { recursive: true });
      const scan = ["dpkg-scanpackages", "--multiversion", "--arch", architecture, "pool"];
      writeFileSync(index, must(scan, { cwd: directory }));
    }
    for (const name of ["Release", "InRelease"]) rmSync(join(dist, name), { force: true });
    const fields = { Origin: "Debian", Suite: SUITE, Codename: SUITE, Components: "main" };
    const options = Object.entries({ ...fields, Architectures: ARCHITECTURES.join(" ") }).flatMap(([name, value]) => [
      "-o",
      `APT::FTPArchive::Release::${name}=${value}`,
    ]);
    const release = must(["apt-ftparchive", ...options, "release", `dists/${SUITE}`], { cwd: directory });
    writeFileSync(join(dist, "Release"), release);
    gpg("--output", join(dist, "InRelease"), "--clearsign", join(dist, "Release"));
  };
  const publish = (added: readonly TestPackage[]): void => {
    for (const one of added) makeDeb(directory, one);
    sign();
  };
  publish([BASE_PASSWD, ...packages]);

  return {
    directory,
    uri: `file://${directory}`,
    keyring,
    publish,
    sign,
    deb: (name, version = "1.0") => join(directory, "pool", `${name}_${version}_all.deb`),
    away(work) {
      renameSync(directory, `${directory}.away`);
      try {
        return work();
      } finally {
        renameSync(`${directory}.away`, directory);
      }
    },
    dispose: () => {
      run(["gpgconf", "--homedir", gpgHome, "--kill", "all"], { cwd: "/" });
      folder.dispose();
    },
  };
}

const BASE_PASSWD: TestPackage = {
  name: "base-passwd",
  files: {
    "usr/share/base-passwd/passwd.master":
      "root:*:0:0:root:/root:/bin/bash\nnobody:*:65534:65534::/:/usr/sbin/nologin\n",
    "usr/share/base-passwd/group.master": "root:*:0:\nnogroup:*:65534:\n",
  },
};

function makeDeb(directory: string, { name, version = "1.0", architecture = "all", ...rest }: TestPackage): void {
  const folder = openFolder("deb");
  try {
    const tree = join(folder.path, "tree");
    const control = { Package: name, Version: version, Architecture: architecture, ...rest.fields };
    const described = { ...control, Maintainer: "Test <test@test.example>", Description: `Test package ${name}` };
    const files = {
      "DEBIAN/control": `${Object.entries(described)
        .map(([field, value]) => `${field}: ${value}\n`)
        .join("")}`,
      [`usr/share/${name}/version`]: `${version}\n`,
      ...rest.files,
      ...(rest.postinst !== undefined && { "DEBIAN/postinst": rest.postinst }),
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    for (const script of ["preinst", "postinst", "config"]) {
      if (existsSync(join(tree, "DEBIAN", script))) chmodSync(join(tree, "DEBIAN", script), 0o755);
    }
    mkdirSync(join(directory, "pool"), { recursive: true });
    const file = join(directory, "pool", `${name}_${version}_${architecture}.deb`);
    must(["dpkg-deb", "--root-owner-group", "--build", tree, file], { cwd: "/" });
  } finally {
    folder.dispose();
  }
}
