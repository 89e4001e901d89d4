/** The source that the images of derivations' environments are made of. */
import * as v from "valibot";
import { defineSource } from "../../../core/index.ts";
import { requestSchema, type NixRequest } from "../source.ts";

export interface NixShellOptions {
  readonly drv: NixRequest;
  /** Absent: the derivation's name. */
  readonly imageName?: string | undefined;
  readonly uid: number;
  readonly gid: number;
  readonly homeDirectory: string;
  readonly shell?: string | undefined;
  readonly command?: string | undefined;
  readonly run?: string | undefined;
}

export const nixShell = defineSource<"nix-shell", NixShellOptions>(
  "nix-shell",
  v.strictObject({
    drv: requestSchema,
    imageName: v.optional(v.string()),
    uid: v.number(),
    gid: v.number(),
    homeDirectory: v.string(),
    shell: v.optional(v.string()),
    command: v.optional(v.string()),
    run: v.optional(v.string()),
  }),
);
