/** Never run: tsc compiles it. What `debian` takes, and what is red in the editor. */
import { debian } from "image-dsl";

debian({ suite: "bookworm", packages: [], essential: true, scripts: "strict" });
debian({
  suite: "bookworm",
  packages: ["postgresql-17=17.2-1", "libc6:amd64"],
  archives: [
    {
      mirror: "https://example.org/apt",
      suite: "bookworm-pgdg",
      components: ["main"],
      keyring: "pgdg.gpg",
      priority: 600,
    },
    { mirror: ["https://a.example.org", "https://b.example.org"], suite: "./" },
  ],
});

// @ts-expect-error An archive has an address.
debian({ suite: "bookworm", packages: ["x"], archives: [{ suite: "./" }] });
// @ts-expect-error An archive has a suite.
debian({ suite: "bookworm", packages: ["x"], archives: [{ mirror: "https://example.org/apt" }] });
// @ts-expect-error Archives are a list.
debian({ suite: "bookworm", packages: ["x"], archives: { mirror: "https://example.org/apt", suite: "./" } });
// @ts-expect-error A priority is a number.
debian({ suite: "bookworm", packages: ["x"], archives: [{ mirror: "m", suite: "./", priority: "600" }] });
// @ts-expect-error Packages are the source's own, not an archive's.
debian({ suite: "bookworm", packages: ["x"], archives: [{ mirror: "m", suite: "./", packages: ["y"] }] });
// @ts-expect-error Scripts are worked out, or must be.
debian({ suite: "bookworm", packages: ["x"], scripts: "skip" });
// @ts-expect-error A suite is needed.
debian({ packages: ["x"] });
