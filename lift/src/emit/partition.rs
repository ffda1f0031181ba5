//! Which functions go into which crate: crates compile in parallel, and cannot depend on each other in
//! a circle.

use std::collections::BTreeSet;

use crate::Lifted;

/// The functions of one crate, by their index among those that the module defines.
pub(super) struct Part {
    pub(super) functions: Vec<usize>,
    /// The parts it calls into, all of which come earlier.
    pub(super) needs: BTreeSet<usize>,
}

/// Splits the functions into parts of about `bytes` of source text.
pub(super) fn parts(lifted: &Lifted<'_>, bytes: usize) -> (Vec<Part>, Vec<usize>) {
    let mut callees: Vec<Vec<usize>> = vec![Vec::new(); lifted.module.bodies.len()];
    for (index, function) in &lifted.functions {
        let defined = |callee: &u32| lifted.module.defined(*callee);
        callees[*index] = function.callees.iter().filter_map(defined).collect();
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut part_of = vec![0; callees.len()];
    let mut filled = usize::MAX;
    for group in strongly_connected(&callees) {
        // A function that is not lifted calls nothing here and is in a group of its own.
        if !group
            .iter()
            .all(|function| lifted.functions.contains_key(function))
        {
            continue;
        }
        let size: usize = group
            .iter()
            .map(|function| lifted.functions[function].text.len())
            .sum();
        if filled.saturating_add(size) > bytes {
            parts.push(Part {
                functions: Vec::new(),
                needs: BTreeSet::new(),
            });
            filled = 0;
        }
        filled += size;
        let number = parts.len() - 1;
        for function in group {
            part_of[function] = number;
            if let Some(part) = parts.last_mut() {
                part.functions.push(function);
            }
        }
    }
    for (number, part) in parts.iter_mut().enumerate() {
        part.functions.sort_unstable();
        for function in &part.functions {
            let needs = callees[*function].iter().map(|callee| part_of[*callee]);
            part.needs.extend(needs.filter(|need| *need != number));
        }
    }
    (parts, part_of)
}

/// Groups of functions that call each other in a circle, callees before callers (Tarjan).
fn strongly_connected(callees: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const NEW: usize = usize::MAX;
    let mut order = vec![NEW; callees.len()];
    let mut low = vec![NEW; callees.len()];
    let mut waiting = vec![false; callees.len()];
    let mut stack = Vec::new();
    let mut groups = Vec::new();
    let mut next = 0;
    for root in 0..callees.len() {
        // Functions that are being visited, with how many of their callees were looked at.
        let mut path = vec![(root, 0)];
        while let Some((function, at)) = path.pop() {
            if at == 0 {
                if order[function] != NEW {
                    continue;
                }
                order[function] = next;
                low[function] = next;
                next += 1;
                stack.push(function);
                waiting[function] = true;
            } else {
                let callee = callees[function][at - 1];
                if waiting[callee] {
                    low[function] = low[function].min(low[callee]);
                }
            }
            if let Some(&callee) = callees[function].get(at) {
                path.push((function, at + 1));
                if order[callee] == NEW {
                    path.push((callee, 0));
                }
                continue;
            }
            if low[function] == order[function] {
                let mut group = Vec::new();
                while let Some(member) = stack.pop() {
                    waiting[member] = false;
                    group.push(member);
                    if member == function {
                        break;
                    }
                }
                groups.push(group);
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_stay_together_and_callees_come_first() {
        // 0 -> 1 -> 2 -> 1, 2 -> 3, 4 alone calling 0.
        let callees = vec![vec![1], vec![2], vec![1, 3], vec![], vec![0, 4]];
        let mut groups = strongly_connected(&callees);
        for group in &mut groups {
            group.sort_unstable();
        }
        assert_eq!(groups, [vec![3], vec![1, 2], vec![0], vec![4]]);
    }
}
