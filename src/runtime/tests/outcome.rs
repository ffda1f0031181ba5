//! What the end of a guest means for its job: the failures it reports, and success that is checked.

use super::*;

#[test]
fn the_failure_that_an_engine_documents_is_the_error() {
    let guest = current()
        .creates("out.mp4", "123")
        .logs("first line\nlast line\n")
        .prints(
            r#"{"error":{"class":"option","message":"no option crff","where":"outputs[0].options.crff","av_error":-22}}"#,
        )
        .exits(1);
    let error = in_place(guest, &MemFs::new()).expect_err("it failed");
    assert_eq!(error.to_string(), "no option crff");
    assert_eq!(error.partial_outputs(), ["/out.mp4"]);
    assert_eq!(error.log_tail(), "first line\nlast line");
    let JobError::Guest {
        exit,
        class,
        where_,
        av_error,
        ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!((exit, class, av_error), (1, ErrorClass::Option, Some(-22)));
    assert_eq!(where_.as_deref(), Some("outputs[0].options.crff"));
}

#[test]
fn a_failure_without_a_document_has_the_class_of_its_exit_code() {
    for (exit, class) in [
        (1, ErrorClass::Unknown),
        (2, ErrorClass::Spec),
        (3, ErrorClass::Version),
    ] {
        let guest = current()
            .prints("{\"err")
            .logs("loading\nit is broken\n\n")
            .exits(exit);
        let error = guest
            .runtime()
            .process(&MemFs::new(), &job())
            .expect_err("it failed");
        assert_eq!(error.class(), Some(class));
        assert_eq!(error.to_string(), "it is broken");
    }
    let mute = current().exits(70).runtime().process(&MemFs::new(), &job());
    let message = mute.expect_err("it failed").to_string();
    assert!(message.contains("exit code 70"), "{message}");
}

#[test]
fn success_is_checked() {
    let said = |size: u32| format!(r#"{{"outputs":[{{"path":"/out.mp4","size":{size}}}]}}"#);
    let error = unverified(current().prints(&said(5)), "/out.mp4 cannot be found");
    assert!(error.partial_outputs().is_empty());
    let error = unverified(
        current().creates("out.mp4", "").prints(&said(0)),
        "/out.mp4 is empty",
    );
    assert_eq!(error.partial_outputs(), ["/out.mp4"]);
    unverified(
        current().creates("out.mp4", "1234").prints(&said(5)),
        "has 4 bytes and 5 were reported",
    );
    unverified(
        current()
            .creates("out.mp4", "12345")
            .prints(r#"{"outputs":[]}"#),
        "does not tell of the output /out.mp4",
    );
    let segments = r#"{"outputs":[{"path":"/out.mp4","files":["/out.mp4","/0.ts"]}]}"#;
    unverified(
        current().creates("out.mp4", "1").prints(segments),
        "/0.ts cannot be found",
    );
}

#[test]
fn what_is_not_what_the_caller_expects_replaces_nothing() {
    let fs = MemFs::new();
    fs.write("/out.mp4", b"before".as_slice()).expect("room");
    let runtime = honest().runtime();
    let expected = |report: &ProcessReport| {
        assert_eq!(report.outputs[0].size, Some(5));
        Err("it is not whole".to_owned())
    };
    let error = runtime.invocation(&fs).process_if(&job(), expected);
    assert!(
        matches!(&error, Err(JobError::Unverified { message, .. }) if message.contains("it is not whole")),
        "{error:?}"
    );
    assert_eq!(fs.read("/out.mp4").expect("it is there"), b"before");
    let done = runtime.invocation(&fs).process_if(&job(), |_| Ok(()));
    done.expect("it is as expected");
    assert_eq!(fs.read("/out.mp4").expect("it is there"), b"12345");
}

#[test]
fn a_reply_that_cannot_be_read_is_no_success() {
    let deep = format!("{{\"outputs\":{}", "[".repeat(5000));
    for reply in ["", "done", "{}", r#"{"outputs":[]} {"outputs":[]}"#, &deep] {
        unverified(
            current().creates("out.mp4", "1").prints(reply),
            "cannot be read",
        );
    }
}

#[test]
fn a_reply_over_the_text_limit_is_a_limit() {
    let mut limits = Limits::default();
    limits.text_bytes = 16;
    let (runtime, fs) = (honest().runtime(), MemFs::new());
    let error = runtime.invocation(&fs).limits(limits).process(&job());
    assert!(
        matches!(
            error,
            Err(JobError::Limit {
                kind: LimitKind::CapturedText,
                ..
            })
        ),
        "{error:?}"
    );
    runtime
        .process(&fs, &job())
        .expect("the limit was of one job");
}

#[test]
fn a_full_filesystem_is_a_storage_error_whatever_the_guest_says() {
    for exit in [0, 1] {
        let fs = MemFs::with_quota(Quota {
            bytes: 100,
            ..Quota::default()
        });
        let guest = current()
            .creates("out.mp4", &"x".repeat(500))
            .prints(r#"{"outputs":[{"path":"/out.mp4"}]}"#)
            .exits(exit);
        let error = in_place(guest, &fs).expect_err("it cannot be stored");
        assert!(
            matches!(error, JobError::Storage { .. }),
            "{exit}: {error:?}"
        );
        assert_eq!(error.limit(), Some(LimitKind::StoredBytes));
        assert_eq!(error.partial_outputs(), ["/out.mp4"]);
    }
}

#[test]
fn too_few_nodes_are_told_from_too_few_bytes() {
    let fs = MemFs::with_quota(Quota {
        nodes: 0,
        ..Quota::default()
    });
    let guest = current().creates("out.mp4", "x").prints("{}").exits(1);
    let error = in_place(guest, &fs);
    let error = error.expect_err("it cannot be stored");
    assert!(matches!(error, JobError::Storage { .. }), "{error:?}");
    assert_eq!(error.limit(), Some(LimitKind::Nodes));
}

#[test]
fn running_out_of_descriptors_is_a_limit() {
    let mut limits = Limits::default();
    // The streams and the root.
    limits.open_files = 4;
    let failure = r#"{"error":{"class":"io","message":"no file descriptors","av_error":-33}}"#;
    let guest = current().creates("out.mp4", "x").prints(failure).exits(1);
    let (runtime, fs) = (guest.runtime(), MemFs::new());
    let error = runtime
        .invocation(&fs)
        .limits(limits.clone())
        .process(&job());
    let error = error.expect_err("it cannot be opened");
    assert_eq!(error.limit(), Some(LimitKind::OpenFiles), "{error:?}");
    assert!(error.to_string().contains("open_files"), "{error}");
    let run = runtime.invocation(&fs).limits(limits).run(["x"]);
    let run = run.expect("a command judges itself");
    assert_eq!(run.limits_met, [LimitKind::OpenFiles]);
}

#[test]
fn running_out_of_memory_is_a_limit() {
    let limits = {
        let mut limits = Limits::default();
        limits.memory_bytes = 1 << 20;
        limits
    };
    let grows = "(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then unreachable))";
    let guest = current().doing(grows).prints("{}");
    let (runtime, fs) = (guest.runtime(), MemFs::new());
    let error = runtime
        .invocation(&fs)
        .limits(limits.clone())
        .process(&job());
    assert!(
        matches!(
            error,
            Err(JobError::Limit {
                kind: LimitKind::Memory,
                ..
            })
        ),
        "{error:?}"
    );

    let failure = r#"{"error":{"class":"internal","message":"out of memory","av_error":-48}}"#;
    let guest = current()
        .doing("(drop (memory.grow (i32.const 100)))")
        .prints(failure)
        .exits(1);
    let error = guest
        .runtime()
        .invocation(&fs)
        .limits(limits.clone())
        .process(&job());
    assert!(
        matches!(
            error,
            Err(JobError::Limit {
                kind: LimitKind::Memory,
                ..
            })
        ),
        "{error:?}"
    );

    // Less than the module starts with.
    let tiny = {
        let mut limits = Limits::default();
        limits.memory_bytes = 1 << 16;
        limits
    };
    let error = honest()
        .runtime()
        .invocation(&fs)
        .limits(tiny)
        .process(&job());
    assert!(
        matches!(
            error,
            Err(JobError::Limit {
                kind: LimitKind::Memory,
                ..
            })
        ),
        "{error:?}"
    );
}

#[test]
fn a_crash_is_a_trap_with_what_was_logged() {
    let guest = current()
        .creates("out.mp4", "1")
        .logs("assertion failed\n")
        .doing("unreachable");
    let error = in_place(guest, &MemFs::new()).expect_err("it crashed");
    assert!(matches!(error, JobError::Trap { .. }), "{error:?}");
    assert_eq!(error.log_tail(), "assertion failed");
    assert_eq!(error.partial_outputs(), ["/out.mp4"]);
}
