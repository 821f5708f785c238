//! Circles in a graph.

/// The circles in a graph, no two of them with a node in common. Without recursion,
/// because a plan may be as deep as somebody made it.
pub fn circles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        Unseen,
        OnTheWay,
        Done,
    }
    let mut marks = vec![Mark::Unseen; edges.len()];
    // One circle is enough to mend; the others through the same nodes would only bury it.
    let mut told = vec![false; edges.len()];
    let mut found = Vec::new();
    for start in 0..edges.len() {
        if marks[start] != Mark::Unseen {
            continue;
        }
        let mut way: Vec<(usize, usize)> = vec![(start, 0)];
        marks[start] = Mark::OnTheWay;
        while let Some((node, next)) = way.last_mut() {
            let Some(&target) = edges[*node].get(*next) else {
                marks[*node] = Mark::Done;
                way.pop();
                continue;
            };
            *next += 1;
            match marks[target] {
                Mark::Unseen => {
                    marks[target] = Mark::OnTheWay;
                    way.push((target, 0));
                }
                Mark::OnTheWay if told[target] => {}
                Mark::OnTheWay => {
                    let begin = way.iter().rposition(|(node, _)| *node == target).unwrap_or(0);
                    let circle = || way[begin..].iter().map(|(node, _)| *node);
                    if !circle().any(|node| told[node]) {
                        circle().for_each(|node| told[node] = true);
                        found.push(circle().collect());
                    }
                }
                Mark::Done => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::circles;

    #[test]
    fn circles_are_found_once_each() {
        assert_eq!(circles(&[vec![1], vec![2], vec![0], vec![3], vec![]]), [vec![0, 1, 2], vec![3]]);
        assert!(circles(&[vec![1, 2], vec![2], vec![]]).is_empty());
        assert_eq!(circles(&[vec![1], vec![2, 0], vec![0, 1]]), [vec![0, 1, 2]]);
        let knot: Vec<Vec<usize>> = (0..500).map(|node| (0..500).filter(|other| *other != node).collect()).collect();
        assert_eq!(circles(&knot).len(), 250, "no two share a node");
        let deep: Vec<Vec<usize>> = (0..100_000).map(|node| vec![node + 1]).chain([vec![0]]).collect();
        assert_eq!(circles(&deep)[0].len(), 100_001);
    }
}
