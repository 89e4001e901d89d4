/** How dpkg breaks a cycle of dependencies, when nothing else goes on. */
import type { Alternative, Subject } from "./subject.ts";

interface Link {
  readonly subject: Subject;
  readonly edges: readonly Edge[];
  next: number;
}

interface Edge {
  readonly alternative: Alternative;
  readonly target: Subject;
}

/**
 * Gives a function that looks for a cycle behind a package, depth first, and puts one of its relations into `broken`:
 * that of a package without postinst, the innermost first, else that of the package the cycle came back to. False
 * where there is none.
 */
export function cycleBreaker(broken: Set<Alternative>): (start: Subject) => boolean {
  /** No cycle is behind them; relations only become fewer. */
  const clean = new Set<Subject>();
  const linkOf = (subject: Subject): Link => ({ subject, edges: edgesOf(subject), next: 0 });

  return (start) => {
    if (clean.has(start)) return false;
    const path = [linkOf(start)];
    const places = new Map([[start, 0]]);
    for (let link = path.at(-1); link !== undefined; link = path.at(-1)) {
      const edge = link.edges[link.next++];
      if (edge === undefined) {
        path.pop();
        places.delete(link.subject);
        clean.add(link.subject);
      } else if (!broken.has(edge.alternative) && !clean.has(edge.target)) {
        const place = places.get(edge.target);
        if (place !== undefined) {
          broken.add(weakest(path.slice(place)));
          return true;
        }
        places.set(edge.target, path.length);
        path.push(linkOf(edge.target));
      }
    }
    return false;
  };
}

function weakest(cycle: readonly Link[]): Alternative {
  const link = cycle.findLast(({ subject }) => !subject.hasPostinst) ?? cycle[0]!;
  return link.edges[link.next - 1]!.alternative;
}

/** In the order of dpkg's records, which have Depends before Pre-Depends. */
function edgesOf({ needs }: Subject): readonly Edge[] {
  const ordered = [...needs.filter(({ isPre }) => !isPre), ...needs.filter(({ isPre }) => isPre)];
  return ordered.flatMap(({ alternatives }) =>
    alternatives.flatMap((alternative) => alternative.targets.map((target) => ({ alternative, target }))),
  );
}
