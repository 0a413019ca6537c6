/* FANN, answering lines as bench/peers/worker.py describes. It has neither relu, softmax, Adam nor batches that are not
   all rows: what is timed is what it calls an epoch, a pass over all rows forward and backward with one step of its
   default method (iRPROP-) at the end. Its cheapest activations are taken. */

#include <floatfann.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct Case {
    char letter;
    unsigned rows;
    unsigned layers;
    unsigned sizes[4];
};

/* As in cases.py. */
static const struct Case CASES[] = {
    {'C', 20000, 3, {20, 32, 2}},
    {'D', 50000, 4, {50, 128, 128, 5}},
};

enum Stream { INPUTS = 1, IS_NOISE = 2, NOISE = 3 };

/* SplitMix64 (Steele, Lea & Flood 2014): number `index` of a stream, in [0, 1) with 24 bits. */
static double uniform(enum Stream stream, uint64_t index) {
    uint64_t z = (((uint64_t)stream << 40) + index) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (double)((z ^ (z >> 31)) >> 40) / (1 << 24);
}

/* The row's class: where the sum of every K-th input is largest, but chance for a tenth of the rows. */
static unsigned class_of(unsigned row, const fann_type *x, unsigned inputs, unsigned classes) {
    unsigned best = 0;
    double largest = -1e9;
    if (uniform(IS_NOISE, row) < 0.1) {
        return (unsigned)(uniform(NOISE, row) * classes);
    }
    for (unsigned k = 0; k < classes; k++) {
        double sum = 0.0;
        for (unsigned j = k; j < inputs; j += classes) {
            sum += x[j];
        }
        if (sum > largest) {
            largest = sum;
            best = k;
        }
    }
    return best;
}

static struct fann_train_data *examples(const struct Case *c) {
    const unsigned inputs = c->sizes[0], outputs = c->sizes[c->layers - 1];
    struct fann_train_data *data = fann_create_train(c->rows, inputs, outputs);
    for (unsigned row = 0; data != NULL && row < c->rows; row++) {
        for (unsigned j = 0; j < inputs; j++) {
            data->input[row][j] = (fann_type)(4.0 * uniform(INPUTS, (uint64_t)row * inputs + j) - 2.0);
        }
        memset(data->output[row], 0, outputs * sizeof(fann_type));
        data->output[row][class_of(row, data->input[row], inputs, outputs)] = 1;
    }
    return data;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One epoch. The order of the rows makes no difference to a sum over all of them, but the others shuffle as well. */
static double epoch(struct fann *network, struct fann_train_data *data, float *cost) {
    const double begun = now();
    fann_shuffle_train_data(data);
    *cost = fann_train_epoch(network, data);
    return now() - begun;
}

static void answer(struct fann *network, struct fann_train_data *data, unsigned count) {
    double seconds[count];
    float cost = 0;
    for (unsigned i = 0; i < count; i++) {
        seconds[i] = epoch(network, data, &cost);
    }
    qsort(seconds, count, sizeof *seconds, ascending);
    printf("%e cost=%g\n", (seconds[(count - 1) / 2] + seconds[count / 2]) / 2, (double)cost);
    fflush(stdout);
}

static const struct Case *asked(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i++) {
        for (size_t c = 0; strcmp(argv[i], "--case") == 0 && c < sizeof CASES / sizeof *CASES; c++) {
            if (CASES[c].letter == argv[i + 1][0]) {
                return &CASES[c];
            }
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    const struct Case *c = asked(argc, argv);
    char line[64];
    float cost;
    if (c == NULL) {
        fprintf(stderr, "--case C or D\n");
        return 2;
    }
    struct fann_train_data *data = examples(c);
    struct fann *network = fann_create_standard_array(c->layers, c->sizes);
    if (data == NULL || network == NULL) {
        fprintf(stderr, "out of memory\n");
        return 1;
    }
    fann_set_activation_function_hidden(network, FANN_LINEAR_PIECE);
    fann_set_activation_function_output(network, FANN_SIGMOID_STEPWISE);
    fann_randomize_weights(network, -0.2f, 0.2f);
    epoch(network, data, &cost);
    printf("{\"peer\": \"FANN\", \"version\": \"2.2\"}\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        const long count = strtol(line, NULL, 10);
        answer(network, data, count < 1 ? 1 : (unsigned)count);
    }
    fann_destroy(network);
    fann_destroy_train(data);
    return 0;
}
