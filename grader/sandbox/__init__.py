"""Running student code: one seam (`seam.Sandbox`), three backends behind it (`open.open_sandbox`).

    with open_sandbox(bindings) as sandbox:
        outcomes = sandbox.run(job)

parent/   the trusted side: starts children, talks to them, measures them, ends them
child/    the side that student code runs on; it is started by name and never imported by the parent
kernel/   confinement, scratch folders, environments: what both sides need
wire      what crosses between them
lazy      a sandbox that starts when it is first needed
required_level   how well other people's code must be confined

What a student does wrong comes back as an `Outcome`; what this machine cannot do is a `SandboxError`.
"""
