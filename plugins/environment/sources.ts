/** `fakeNss`, `binSh`, `usrBinEnv`, `caCertificates`, `tmp`, `shadowFiles`: what users may say. */
import * as v from "valibot";
import { accountNameSchema, defineSource, idSchema, imagePathSchema, isSource, type Source } from "../../core/index.ts";
import type { AccountOptions } from "./account.ts";
import { problemOfGroupLines, problemOfPasswdLines } from "./account-lines.ts";

/** Options of `fakeNss`. */
export interface FakeNssOptions {
  /** Lines of passwd(5), between root's and nobody's. */
  readonly extraPasswdLines?: readonly string[];
  /** Lines of group(5), between root's and nobody's. */
  readonly extraGroupLines?: readonly string[];
}

/** Options of the sources that link a program to its usual place. */
export interface ProgramLinkOptions {
  /** What brings the program; it comes along with all that it needs. */
  readonly from?: Source;
  /** The program, by its path in the image. */
  readonly path?: string;
}

/** Options of `caCertificates`. */
export interface CaCertificatesOptions {
  /** What brings the certificates. */
  readonly from?: Source;
  /** A bundle of the host (PEM); relative paths start from the config's folder. Not together with `from`. */
  readonly bundle?: string;
}

/** Options of the source of passwd, group and shadow files. */
export interface ShadowFilesOptions {
  /** What passwords are hashed with from now on; musl's crypt knows no yescrypt. Default `yescrypt`. */
  readonly passwordHash?: "yescrypt" | "sha512";
}

export interface WorkdirOptions {
  readonly path: string;
  /** `USER[:GROUP]`, whose it is to be where it is made. Default: root's. */
  readonly user?: string;
}

const source = v.custom<Source>(isSource, "expected a source, such as debian({ … })");
const lines = v.array(
  v.pipe(v.string(), v.regex(/^[^\n]+$/, "expected one line, without its end")),
  "expected a list of lines",
);

const fakeNssSource = defineSource<"fakeNss", FakeNssOptions>(
  "fakeNss",
  v.strictObject({
    extraPasswdLines: v.optional(checkedLines(problemOfPasswdLines)),
    extraGroupLines: v.optional(checkedLines(problemOfGroupLines)),
  }),
);

const programSchema = v.strictObject({ from: v.optional(source), path: v.optional(imagePathSchema) });
const binShSource = defineSource<"binSh", ProgramLinkOptions>("binSh", programSchema);
const usrBinEnvSource = defineSource<"usrBinEnv", ProgramLinkOptions>("usrBinEnv", programSchema);

const caCertificatesSource = defineSource<"caCertificates", CaCertificatesOptions>(
  "caCertificates",
  v.pipe(
    v.strictObject({ from: v.optional(source), bundle: v.optional(v.pipe(v.string(), v.nonEmpty())) }),
    v.check(({ from, bundle }) => from === undefined || bundle === undefined, "takes from or bundle, not both"),
  ),
);

const tmpSource = defineSource<"tmp", Record<string, never>>("tmp", v.strictObject({}));

const shadowFilesSource = defineSource<"shadowFiles", ShadowFilesOptions>(
  "shadowFiles",
  v.strictObject({ passwordHash: v.optional(v.picklist(["yescrypt", "sha512"])) }),
);

/** Written by image functions, for a user that the image's config names. */
const accountSource = defineSource<"account", AccountOptions>(
  "account",
  v.strictObject({
    name: accountNameSchema,
    group: v.optional(accountNameSchema),
    uid: v.optional(idSchema),
    gid: v.optional(idSchema),
    home: v.optional(v.pipe(imagePathSchema, v.regex(/^\/[^:\n]*$/, "expected an absolute path without a colon"))),
  }),
);

/** Written by image functions, for the directory that containers start in. */
const workdirSource = defineSource<"workdir", WorkdirOptions>(
  "workdir",
  v.strictObject({ path: imagePathSchema, user: v.optional(v.string()) }),
);

export const environmentSources = [
  fakeNssSource,
  binShSource,
  usrBinEnvSource,
  caCertificatesSource,
  tmpSource,
  shadowFilesSource,
  accountSource,
  workdirSource,
] as const;

/**
 * Users and groups `root` and `nobody`, look-ups of names that work, and /var/empty. Where the image has users already
 * (Debian's, a base image's) those stay, and what is missing is added.
 *
 * @example fakeNss({ extraPasswdLines: ["app:x:1000:1000:app:/srv/app:/bin/sh"], extraGroupLines: ["app:x:1000:"] })
 */
export function fakeNss(options: FakeNssOptions = {}): Source<"fakeNss", FakeNssOptions> {
  return fakeNssSource(options);
}

/**
 * /bin/sh, as a link to a shell; `path` is /bin/bash where it is left out.
 *
 * @example binSh({ from: debian({ suite: "bookworm", packages: ["bash"] }) })
 */
export function binSh(options: ProgramLinkOptions = {}): Source<"binSh", ProgramLinkOptions> {
  return binShSource(options);
}

/**
 * /usr/bin/env, as a link to `env`; `path` is /bin/env where it is left out.
 *
 * @example usrBinEnv({ from: debian({ suite: "bookworm", packages: ["coreutils"] }) })
 */
export function usrBinEnv(options: ProgramLinkOptions = {}): Source<"usrBinEnv", ProgramLinkOptions> {
  return usrBinEnvSource(options);
}

/**
 * One bundle of certificates at the three places where programs look for it: /etc/ssl/certs/ca-bundle.crt,
 * /etc/ssl/certs/ca-certificates.crt and /etc/pki/tls/certs/ca-bundle.crt.
 *
 * @example caCertificates({ from: debian({ suite: "bookworm", packages: ["ca-certificates"] }) })
 * @example caCertificates({ bundle: "company-roots.crt" })
 */
export function caCertificates(options: CaCertificatesOptions = {}): Source<"caCertificates", CaCertificatesOptions> {
  return caCertificatesSource(options);
}

/** /tmp and /var/tmp, for everybody (mode 1777). */
export function tmp(): Source<"tmp", Record<string, never>> {
  return tmpSource({});
}

/** What the script `shadowSetup` makes, without a script: the files that useradd and passwd want, where they are missing. */
export function shadowFiles(options: ShadowFilesOptions = {}): Source<"shadowFiles", ShadowFilesOptions> {
  return shadowFilesSource(options);
}

function checkedLines(problemOf: (lines: readonly string[]) => string | undefined) {
  return v.pipe(
    lines,
    v.check(
      (given) => problemOf(given) === undefined,
      ({ input }) => problemOf(input) ?? "",
    ),
  );
}
