/** Brings the layering strategy `auto`: by size. */
import { planAuto, type Plugin } from "../../core/index.ts";

const name = "auto-layers";

export const autoLayersPlugin: Plugin = {
  name,
  apply(builder) {
    builder.hooks.build.tap(name, (build) => build.hooks.plan.for("auto").tap(name, planAuto));
  },
};
