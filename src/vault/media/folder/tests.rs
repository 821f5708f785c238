use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_has_its_name_only_when_it_is_whole() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::at(root.path());
    let mut writing = folder.begin("a/b/c.dump").unwrap();
    writing.write(b"one").unwrap();
    assert!(folder.get("a/b/c.dump", 9).unwrap().is_none());
    let staged = writing.finish().unwrap();
    assert!(folder.get("a/b/c.dump", 9).unwrap().is_none());
    staged.publish().unwrap();
    assert_eq!(folder.get("a/b/c.dump", 9).unwrap().unwrap(), b"one");
    assert_eq!(names(&root.path().join("a/b")), ["c.dump"]);
}

#[test]
fn nothing_is_written_or_removed_outside() {
    let root = tempfile::tempdir().unwrap();
    let store = root.path().join("store");
    fs::create_dir(&store).unwrap();
    fs::write(root.path().join("theirs"), "kept").unwrap();
    std::os::unix::fs::symlink(root.path(), store.join("link")).unwrap();
    let folder = Folder::at(&store);
    let whole = root.path().join("theirs").display().to_string();
    for key in ["../theirs", "a/../../theirs", &whole, "link/theirs", "a//b", "", "./a"] {
        assert_eq!(folder.put_new(key, b"x").unwrap_err().trouble, Trouble::Refused, "{key}");
        assert_eq!(folder.put(key, b"x").unwrap_err().trouble, Trouble::Refused, "{key}");
        assert_eq!(folder.remove(key).unwrap_err().trouble, Trouble::Refused, "{key}");
    }
    assert_eq!(fs::read(root.path().join("theirs")).unwrap(), b"kept");
    assert_eq!(
        (names(&store), names(root.path())),
        (vec!["link".to_owned()], ["store", "theirs"].map(str::to_owned).to_vec())
    );
}

#[test]
fn a_link_to_nothing_is_not_nothing() {
    let root = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/nowhere", root.path().join("x")).unwrap();
    let folder = Folder::at(root.path());
    assert!(folder.get("x", 9).is_err() && folder.get("y", 9).unwrap().is_none());
}

#[test]
fn what_was_given_up_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::at(root.path());
    drop(folder.begin("a/one").unwrap());
    let mut writing = folder.begin("a/two").unwrap();
    writing.write(b"half").unwrap();
    drop(writing.finish().unwrap());
    assert!(names(&root.path().join("a")).is_empty());
}

#[test]
fn nothing_is_overwritten_whoever_comes_first() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::at(root.path());
    let (mut one, mut two) = (folder.begin("x").unwrap(), folder.begin("x").unwrap());
    one.write(b"one").unwrap();
    two.write(b"two").unwrap();
    one.finish().unwrap().publish().unwrap();
    assert_eq!(two.finish().unwrap().publish().unwrap_err().trouble, Trouble::Exists);
    assert_eq!(folder.put_new("x", b"three").unwrap_err().trouble, Trouble::Exists);
    assert_eq!(folder.get("x", 9).unwrap().unwrap(), b"one");
    folder.put("x", b"four").unwrap();
    assert_eq!((folder.get("x", 9).unwrap().unwrap(), names(root.path()).len()), (b"four".to_vec(), 1));
    folder.remove("x").unwrap();
    folder.remove("x").unwrap();
}

#[test]
fn a_drive_that_is_not_mounted_is_not_replaced() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::at(root.path().join("mnt"));
    assert_eq!(folder.begin("a/x").unwrap_err().trouble, Trouble::Gone);
    assert!(names(root.path()).is_empty());
}
