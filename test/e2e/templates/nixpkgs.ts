/** A Nix store of the process's own, and a nixpkgs for it: the hosts of our tests have neither. */
import { join } from "node:path";
import { requireTool } from "../../harness.ts";
import { nixFixture } from "../../plugins/nix/store-fixture.ts";
import { PROJECT } from "../support.ts";

export function useNixpkgsOfTests(): void {
  requireTool("patchelf", "python3");
  nixFixture();
  process.env["NIX_PATH"] = `nixpkgs=${join(PROJECT, "test/fixtures/nixpkgs")}`;
}
