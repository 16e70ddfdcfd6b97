"""The command `cec`. What only starts processes does without the application; every other command needs it."""

import sys


def main() -> None:
    """Do a command of the command line."""
    if sys.argv[1:2] in (["up"], ["serve"]):
        from cec import launching  # noqa: PLC0415 - either this

        sys.exit(launching.main(sys.argv[1:]))
    from cec.platform import collector  # noqa: PLC0415 - or that

    collector.still()
    from cec import app, cli  # noqa: PLC0415

    collector.calm()
    sys.exit(cli.main(app.create_app))


if __name__ == "__main__":
    main()
