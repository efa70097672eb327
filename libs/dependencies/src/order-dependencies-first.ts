interface Edge {
  readonly from: string;
  readonly to: string;
  readonly required: boolean;
}

/**
 * Required dependencies always come first; optional ones too, unless they close a circle. Among what may come next, the
 * first by name.
 */
export function orderDependenciesFirst(ids: readonly string[], edges: readonly Edge[]): string[] {
  const dependents = new Map<string, Edge[]>(ids.map((id) => [id, []]));
  for (const edge of edges) dependents.get(edge.to)?.push(edge);
  const waitsFor = new Map(ids.map((id) => [id, { required: 0, optional: 0 }]));
  const count = ({ from, required }: Edge, by: 1 | -1) => {
    const counts = waitsFor.get(from);
    if (counts !== undefined) counts[required ? 'required' : 'optional'] += by;
  };
  for (const edge of edges) count(edge, 1);

  const order: string[] = [];
  const remaining = new Set([...ids].sort());
  while (remaining.size > 0) {
    let next: string | undefined;
    let second: string | undefined;
    for (const id of remaining) {
      const counts = waitsFor.get(id);
      if (counts === undefined || counts.required > 0) continue;
      second ??= id;
      if (counts.optional > 0) continue;
      next = id;
      break;
    }
    const id = next ?? second;
    if (id === undefined) throw new Error('the required dependencies form a circle');
    order.push(id);
    remaining.delete(id);
    for (const edge of dependents.get(id) ?? []) count(edge, -1);
  }
  return order;
}
