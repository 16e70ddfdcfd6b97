"""The command `cec`. `up` only minds processes and starts without the application; every other command needs it."""

import sys


def main() -> None:
    """Do a command of the command line."""
    if sys.argv[1:2] == ["up"]:
        from cec import launching  # noqa: PLC0415 - either this

        sys.exit(launching.main())
    from cec import app, cli  # noqa: PLC0415 - or that

    sys.exit(cli.main(app.create_app))


if __name__ == "__main__":
    main()
