/** `nix`: what users may say. */
import * as v from "valibot";
import { defineSource } from "../../core/index.ts";

/** Settings of `nix`, whatever is asked for. */
export interface NixSettings {
  /**
   * How what was asked for gets into the image's root: by links into the store, as a copy, or not at all (`store`).
   * Default: as the image function does it, which is `link` for the layered images.
   */
  readonly placement?: "link" | "copy" | "store" | undefined;
}

/** What Nix is asked for: one of the three. */
export type NixRequest =
  | {
      /** What `nix build` takes: `nixpkgs#redis`, `.#default`. */
      readonly installable: string;
      readonly storePath?: undefined;
      readonly expression?: undefined;
    }
  | {
      /** A path in the store, or a link to one such as `result`, from the config's folder. */
      readonly storePath: string;
      readonly installable?: undefined;
      readonly expression?: undefined;
    }
  | {
      /** The text of an expression, as after `nix-build -E`; paths in it start from the config's folder. */
      readonly expression: string;
      readonly installable?: undefined;
      readonly storePath?: undefined;
    };

/** Options of `nix`: what is asked for, and settings. */
export type NixOptions = NixSettings & NixRequest;

const text = v.optional(v.pipe(v.string(), v.regex(/\S/, "Expected a text that is not empty")));
// It stands where an option could.
const argument = v.optional(v.pipe(v.string(), v.regex(/^[^-\s]/, "Expected a text that does not begin with -")));

const request = { installable: argument, storePath: text, expression: text };

const isOne = (...given: readonly (string | undefined)[]): boolean => given.filter(Boolean).length === 1;
const ONE = "Expected one of installable, storePath and expression";

export const requestSchema = v.pipe(
  v.strictObject(request),
  v.check(({ installable, storePath, expression }) => isOne(installable, storePath, expression), ONE),
);

/**
 * What Nix builds, with all that it needs at run time.
 *
 * @example nix({ installable: "nixpkgs#redis" })
 * @example nix({ expression: "(import <nixpkgs> {}).redis" })
 */
export const nix = defineSource<"nix", NixOptions>(
  "nix",
  v.pipe(
    v.strictObject({ ...request, placement: v.optional(v.picklist(["link", "copy", "store"])) }),
    v.check(({ installable, storePath, expression }) => isOne(installable, storePath, expression), ONE),
  ),
);
