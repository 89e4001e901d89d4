import { defineConfig, image, nix } from "image-dsl";

export default defineConfig({
  "nix-app": image({
    name: "nix-app",
    contents: nix({ expression: "import ./default.nix { }" }),
    cmd: ["/bin/server"],
    // A number needs no /etc/passwd.
    user: 1000,
    expose: [8080],
  }),
});
