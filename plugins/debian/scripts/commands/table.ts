/** All commands that are emulated, by name. */
import type { Command, CommandTable } from "../world.ts";
import { ADDUSER_COMMANDS } from "./adduser.ts";
import { ALTERNATIVE_COMMANDS } from "./alternatives.ts";
import { AWK_COMMANDS } from "./awk.ts";
import { CAPABILITY_COMMANDS } from "./capabilities.ts";
import { CERTIFICATE_COMMANDS } from "./certificates.ts";
import { COPY_COMMANDS } from "./copy.ts";
import { DPKG_RECORD_COMMANDS } from "./dpkg-records.ts";
import { DPKG_COMMANDS } from "./dpkg.ts";
import { EMACS_COMMANDS } from "./emacs-packages.ts";
import { EXPR_COMMANDS } from "./expr.ts";
import { FILE_CONTENT_COMMANDS } from "./file-contents.ts";
import { FILE_FACT_COMMANDS } from "./file-facts.ts";
import { FILE_COMMANDS } from "./files.ts";
import { FIND_COMMANDS } from "./find.ts";
import { FOLD_COMMANDS } from "./fold.ts";
import { GREP_COMMANDS } from "./grep.ts";
import { IDENTITY_COMMANDS } from "./identity.ts";
import { JAVA_COMMANDS } from "./java.ts";
import { KEY_COMMANDS } from "./keys.ts";
import { LEFT_OUT_COMMANDS } from "./left-out.ts";
import { LINE_FILTER_COMMANDS } from "./line-filters.ts";
import { LIGHTTPD_COMMANDS } from "./lighttpd-modules.ts";
import { LOCALE_COMMANDS } from "./locale-facts.ts";
import { MACHINE_COMMANDS } from "./machine.ts";
import { PAM_COMMANDS } from "./pam.ts";
import { POSTGRESQL_COMMANDS } from "./postgresql.ts";
import { PROGRAM_COMMANDS } from "./programs.ts";
import { SGML_CATALOG_COMMANDS } from "./sgml-catalogs.ts";
import { SED_COMMANDS } from "./sed.ts";
import { SERVER_SETTINGS_COMMANDS } from "./server-settings.ts";
import { SERVICE_COMMANDS } from "./services.ts";
import { SORTED_LINES_COMMANDS } from "./sorted-lines.ts";
import { SYSUSERS_COMMANDS } from "./sysusers.ts";
import { TEXT_COMMANDS } from "./text.ts";
import { TMPFILES_COMMANDS } from "./tmpfiles.ts";
import { TR_COMMANDS } from "./tr.ts";
import { UCF_COMMANDS } from "./ucf.ts";
import { UPDATE_LOCALE_COMMANDS } from "./update-locale.ts";
import { USERADD_COMMANDS } from "./useradd.ts";
import { USERMOD_COMMANDS } from "./usermod.ts";
import { DELUSER_COMMANDS } from "./deluser.ts";
import { GROUP_COMMANDS } from "./groups.ts";
import { PASSWORD_COMMANDS } from "./passwords.ts";
import { WEB_SERVER_COMMANDS } from "./web-server-links.ts";

const TABLE: CommandTable = {
  ...TEXT_COMMANDS,
  ...LINE_FILTER_COMMANDS,
  ...SORTED_LINES_COMMANDS,
  ...TR_COMMANDS,
  ...FILE_CONTENT_COMMANDS,
  ...GREP_COMMANDS,
  ...SED_COMMANDS,
  ...FILE_COMMANDS,
  ...COPY_COMMANDS,
  ...EXPR_COMMANDS,
  ...FILE_FACT_COMMANDS,
  ...FIND_COMMANDS,
  ...FOLD_COMMANDS,
  ...ADDUSER_COMMANDS,
  ...DELUSER_COMMANDS,
  ...USERADD_COMMANDS,
  ...USERMOD_COMMANDS,
  ...GROUP_COMMANDS,
  ...PASSWORD_COMMANDS,
  ...IDENTITY_COMMANDS,
  ...ALTERNATIVE_COMMANDS,
  ...AWK_COMMANDS,
  ...CAPABILITY_COMMANDS,
  ...CERTIFICATE_COMMANDS,
  ...PAM_COMMANDS,
  ...DPKG_COMMANDS,
  ...DPKG_RECORD_COMMANDS,
  ...SERVER_SETTINGS_COMMANDS,
  ...SERVICE_COMMANDS,
  ...JAVA_COMMANDS,
  ...KEY_COMMANDS,
  ...LEFT_OUT_COMMANDS,
  ...LIGHTTPD_COMMANDS,
  ...EMACS_COMMANDS,
  ...LOCALE_COMMANDS,
  ...MACHINE_COMMANDS,
  ...POSTGRESQL_COMMANDS,
  ...PROGRAM_COMMANDS,
  ...SGML_CATALOG_COMMANDS,
  ...SYSUSERS_COMMANDS,
  ...TMPFILES_COMMANDS,
  ...UCF_COMMANDS,
  ...UPDATE_LOCALE_COMMANDS,
  ...WEB_SERVER_COMMANDS,
};

/** Byte code compiled by an interpreter of any version, when it is told to by its own script. */
const compileBytes: Command = (invocation) =>
  invocation.args.some((arg) => arg.endsWith("/py_compile.py"))
    ? LEFT_OUT_COMMANDS["py3compile"]!(invocation)
    : invocation.refuse(`the command ${invocation.name}`);

export function emulatedCommand(name: string): Command | undefined {
  if (/^python3(\.[0-9]+)?$/.test(name)) return compileBytes;
  return Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;
}
