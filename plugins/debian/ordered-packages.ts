/** An installation's packages in the order in which they are configured, as whoever installs them takes them. */
import type { CollectedPackage } from "./collect.ts";
import { configureOrder } from "./order/configure-order.ts";
import type { ScriptPackage } from "./scripts/world.ts";

export interface OrderedPackage extends ScriptPackage {
  readonly turn: NonNullable<ScriptPackage["turn"]>;
}

export function orderedPackages(
  packages: ReadonlyMap<string, CollectedPackage>,
  architecture: string,
): readonly OrderedPackage[] {
  const order = configureOrder(
    Array.from(packages.values(), ({ pin, control }) => ({ ...pin, control })),
    architecture,
    ({ reason }) => reason === "essential",
  );
  return order.map(({ id, turn }) => {
    const { pin, control, tree } = packages.get(id)!;
    const { name, version } = pin;
    return { id, name, version, architecture: pin.architecture, control, tree, turn };
  });
}
