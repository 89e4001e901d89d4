/** Names by which a layer deletes what lies below it (OCI image spec, layer.md, whiteouts). */

/** What such a name begins with. */
export const WHITEOUT = ".wh.";
