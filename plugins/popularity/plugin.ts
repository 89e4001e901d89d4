/** Brings the layering strategy `popularity`: by how much else builds upon a node. */
import { planByPopularity, type Plugin } from "../../core/index.ts";

const name = "popularity";

export const popularityPlugin: Plugin = {
  name,
  apply(builder) {
    builder.hooks.build.tap(name, (build) => build.hooks.plan.for("popularity").tap(name, planByPopularity));
  },
};
