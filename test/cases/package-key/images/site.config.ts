import { buildLayeredImage, files } from "image-dsl";

// Relative paths start from this file's folder.
export default buildLayeredImage({ name: "site", contents: files("pages", { dest: "/srv" }) });
