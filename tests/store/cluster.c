/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper owns the server: it obeys one-letter commands from a pipe (u up, d down), answers one
 * octet each, and on end of file, which also a SIGKILL of the test program brings, shuts down and
 * removes the folder. */
#define _GNU_SOURCE
#include "cluster.h"

#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <libpq-fe.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FOLDER_MAX = 64, START_TRIES = 600, TRY_MS = 20 };

static struct {
    char folder[FOLDER_MAX];
    char bin[128];
    bool is_durable;
    uid_t uid;
    gid_t gid;
    char user[64];
    int command, answer; /* pipes to and from the keeper */
    pid_t keeper;
} cluster;

static void die(const char *what)
{
    perror(what);
    exit(99);
}

/* ---- in the keeper ---- */

static void become_server_user(void)
{
    if (getuid() == 0 && (initgroups(cluster.user, cluster.gid) != 0 || setgid(cluster.gid) != 0 ||
                          setuid(cluster.uid) != 0))
        die("setuid");
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
}

static pid_t spawn(const char *program, char *const argv[], const char *log)
{
    char path[256], log_path[256];
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    snprintf(path, sizeof path, "%s/%s", cluster.bin, program);
    snprintf(log_path, sizeof log_path, "%s/%s", cluster.folder, log);
    become_server_user();
    if (chdir(cluster.folder) != 0 || !freopen(log_path, "ae", stdout) ||
        dup2(STDOUT_FILENO, STDERR_FILENO) < 0 || !freopen("/dev/null", "re", stdin))
        die("redirect");
    execv(path, argv);
    die(path);
    return -1;
}

static int run(const char *program, char *const argv[])
{
    int status = -1;
    pid_t pid = spawn(program, argv, "initdb.log");

    return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

static bool answers(void)
{
    char conninfo[256];
    PGPing ping;

    snprintf(conninfo, sizeof conninfo, "host=%s user=postgres dbname=postgres", cluster.folder);
    ping = PQping(conninfo);
    return ping == PQPING_OK;
}

static pid_t start_server(void)
{
    char data[FOLDER_MAX + 8], socket_dir[FOLDER_MAX + 40], fsync_setting[16];
    char *argv[] = {"postgres",
                    "-D",
                    data,
                    "-c",
                    socket_dir,
                    "-c",
                    "listen_addresses=",
                    "-c",
                    fsync_setting,
                    "-c",
                    "max_connections=100",
                    "-c",
                    "shared_buffers=32MB",
                    "-c",
                    "deadlock_timeout=100ms",
                    "-c",
                    "recovery_init_sync_method=syncfs",
                    NULL};
    pid_t pid;

    snprintf(data, sizeof data, "%s/data", cluster.folder);
    snprintf(socket_dir, sizeof socket_dir, "unix_socket_directories=%s", cluster.folder);
    snprintf(fsync_setting, sizeof fsync_setting, "fsync=%s", cluster.is_durable ? "on" : "off");
    pid = spawn("postgres", argv, "server.log");
    for (int i = 0; i < START_TRIES && pid > 0; i++) {
        if (answers())
            return pid;
        if (waitpid(pid, NULL, WNOHANG) != 0)
            break;
        nanosleep(&(struct timespec){.tv_nsec = TRY_MS * 1000000L}, NULL);
    }
    fprintf(stderr, "PostgreSQL does not start; see %s\n", cluster.folder);
    return -1;
}

static void stop_server(pid_t pid)
{
    if (pid <= 0)
        return;
    kill(pid, SIGQUIT); /* immediate: also what a crash looks like */
    kill(pid, SIGCONT);
    waitpid(pid, NULL, 0);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static bool make_data(void)
{
    char data[FOLDER_MAX + 8];
    char *argv[] = {"initdb",           "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                    "--locale=C.UTF-8", "-N", NULL};

    snprintf(data, sizeof data, "%s/data", cluster.folder);
    if (getuid() == 0 && chown(cluster.folder, cluster.uid, cluster.gid) != 0)
        return false;
    return run("initdb", argv) == 0;
}

static void keep(int command, int answer)
{
    pid_t server;
    char letter;

    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN); /* the test program may be gone when we answer */
    server = make_data() ? start_server() : -1;
    letter = server > 0 ? 'y' : 'n';
    do {
        if (letter == 'd') {
            stop_server(server);
            server = 0;
        }
        if (letter == 'u')
            server = start_server();
        letter = server >= 0 ? 'y' : 'n';
        if (write(answer, &letter, 1) != 1)
            break;
    } while (read(command, &letter, 1) == 1);
    stop_server(server);
    nftw(cluster.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    _exit(0);
}

/* ---- in the test program ---- */

static void find_programs(void)
{
    glob_t found;

    if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) != 0) {
        fprintf(stderr, "no PostgreSQL server: apt-get install postgresql-15\n");
        exit(99);
    }
    snprintf(cluster.bin, sizeof cluster.bin, "%s", found.gl_pathv[found.gl_pathc - 1]);
    *strrchr(cluster.bin, '/') = '\0';
    globfree(&found);
}

static void expect_yes(void)
{
    char letter = 'n';

    if (read(cluster.answer, &letter, 1) != 1 || letter != 'y') {
        fprintf(stderr, "the PostgreSQL server did not start\n");
        exit(99);
    }
}

void cluster_start(bool is_durable)
{
    int command[2], answer[2];
    struct passwd *user = getuid() == 0 ? getpwnam("postgres") : getpwuid(getuid());

    if (!user)
        die("user of the server");
    find_programs();
    snprintf(cluster.user, sizeof cluster.user, "%s", user->pw_name);
    cluster.uid = user->pw_uid;
    cluster.gid = user->pw_gid;
    cluster.is_durable = is_durable;
    snprintf(cluster.folder, sizeof cluster.folder, "/tmp/mcx-store-XXXXXX");
    if (!mkdtemp(cluster.folder) || pipe2(command, O_CLOEXEC) != 0 || pipe2(answer, O_CLOEXEC) != 0)
        die("cluster");
    cluster.keeper = fork();
    if (cluster.keeper == 0) {
        close(command[1]);
        close(answer[0]);
        setsid();
        keep(command[0], answer[1]);
    }
    close(command[0]);
    close(answer[1]);
    cluster.command = command[1];
    cluster.answer = answer[0];
    expect_yes();
}

void cluster_stop(void)
{
    close(cluster.command);
    waitpid(cluster.keeper, NULL, 0);
}

static void command(char letter)
{
    if (write(cluster.command, &letter, 1) != 1)
        die("keeper");
    expect_yes();
}

void cluster_down(void)
{
    command('d');
}

void cluster_up(void)
{
    command('u');
}

const char *cluster_socket_dir(void)
{
    return cluster.folder;
}

const char *cluster_conninfo(const char *database, const char *user)
{
    static _Thread_local char text[16][256];
    static _Thread_local int next;
    char *out = text[next++ % 16];

    snprintf(out, sizeof text[0], "host=%s dbname=%s user=%s", cluster.folder, database, user);
    return out;
}
